import type { ModelScope } from '#models/compile/model-scope'
import type { Value } from '#models/graph/graph'
import type { BlockChoice } from '#models/graph/scope'
import type { Components } from '#models/registry/discover'

/** How a test writes the blocks inside a block: the registered ones, each under its number. */
export function innerBlocks({ blocks }: Components) {
  return (scope: ModelScope, choices: readonly BlockChoice[], x: Value): Value =>
    choices.reduce((value, { use, ...settings }, i) => {
      const found = blocks.get(use)
      if (!found.ok) throw new Error(found.sentence)
      const { component } = found
      return scope.within(`${i}`, (inner) => component.build(inner, value, component.settings.parse(settings)))
    }, x)
}
