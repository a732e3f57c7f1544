import { nearestName } from '#core/base/text/nearest-name'
import type { Problem } from './recipe.ts'
import { childNames, childOf, plain, type Tree } from './yaml-tree.ts'

const reference = /\$\{([^}]*)\}/g

/**
 * Fills in `${a.b}`: the setting at that path of the whole recipe. Alone it may be of any kind; within a text it becomes
 * part of it.
 */
export function interpolated(root: Tree, problems: Problem[]): Tree {
  return fill(root, [])

  /** `around` are the references that led here. */
  function fill(tree: Tree, path: readonly string[], around: readonly string[] = []): Tree {
    switch (tree.kind) {
      case 'map': {
        const entries = [...tree.entries].map(([name, value]) => [name, fill(value, [...path, name], around)] as const)
        return { ...tree, entries: new Map(entries) }
      }
      case 'list':
        return { ...tree, items: tree.items.map((item, index) => fill(item, [...path, String(index)], around)) }
      case 'scalar':
        return typeof tree.value === 'string' ? fillText(tree, tree.value, path, around) : tree
    }
  }

  function fillText(tree: Tree, text: string, path: readonly string[], around: readonly string[]): Tree {
    const [first] = text.matchAll(reference)
    if (first === undefined) return tree
    // The value belongs to the place that asks for it: there a person has to look.
    if (first[0] === text) return { ...lookUp(first[1]!), place: tree.place }
    return { ...tree, kind: 'scalar', value: text.replaceAll(reference, (_, name: string) => shown(lookUp(name))) }

    function lookUp(name: string): Tree {
      const nothing: Tree = { kind: 'scalar', place: tree.place, value: undefined }
      if (around.includes(name)) {
        const circle = [...around.slice(around.indexOf(name)), name].join(' → ')
        return refuse(`These settings refer to each other: ${circle}.`)
      }
      let found = root
      for (const [index, part] of name.split('.').entries()) {
        const child = childOf(found, part)
        if (child === undefined) {
          const before = name.split('.').slice(0, index)
          const close = nearestName(part, childNames(found))
          const hint = close === undefined ? '' : ` Did you mean ${[...before, close].join('.')}?`
          return refuse(`There is no setting ${name}.${hint}`)
        }
        found = child
      }
      return fill(found, name.split('.'), [...around, name])

      function refuse(sentence: string): Tree {
        problems.push({ path: path.join('.'), ...tree.place, sentence })
        return nothing
      }
    }
  }
}

function shown(tree: Tree): string {
  const value = plain(tree)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
