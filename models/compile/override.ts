import { counted } from '#core/base/text/counted'
import type { Problem } from './recipe.ts'
import { childOf, readTree, type Tree } from './yaml-tree.ts'

/** Sets each `path=value` in a recipe. A value is YAML, an item of a list is named by its index. */
export function overridden(tree: Tree, overrides: readonly string[], problems: Problem[]): Tree {
  return overrides.reduce((changed, text) => {
    const equals = text.indexOf('=')
    const [path, value] = [text.slice(0, equals), text.slice(equals + 1)]
    const file = `command line, ${text}`
    if (equals < 1) {
      problems.push({ path: '', file, sentence: 'A setting is written as path=value.' })
      return changed
    }
    const read = readTree(value, file)
    if (read.ok) return replaced(changed, path.split('.'), withoutLines(read.tree), [])
    problems.push(...read.problems.map(({ sentence }) => ({ path, file, sentence })))
    return changed
  }, tree)

  function replaced(at: Tree, path: readonly string[], value: Tree, before: readonly string[]): Tree {
    const [name, ...rest] = path
    if (name === undefined) return value
    const { file } = value.place
    const child = childOf(at, name)
    if (at.kind === 'list' && child !== undefined) {
      return { ...at, items: at.items.with(Number(name), replaced(child, rest, value, [...before, name])) }
    }
    if (at.kind === 'map') {
      const inner = child ?? { kind: 'map', place: { file }, entries: new Map() }
      // A key that no schema knows is found with all the others, by the schema.
      return { ...at, entries: new Map(at.entries).set(name, replaced(inner, rest, value, [...before, name])) }
    }
    const sentence =
      at.kind === 'list'
        ? `${before.join('.')} has ${counted(at.items.length, 'item')}: the last one is ${at.items.length - 1}.`
        : `${before.join('.')} holds no further settings.`
    problems.push({ path: [...before, name].join('.'), file, sentence })
    return at
  }
}

/** A command line has no lines. */
function withoutLines(tree: Tree): Tree {
  const place = { file: tree.place.file }
  switch (tree.kind) {
    case 'map':
      return { ...tree, place, entries: new Map([...tree.entries].map(([name, value]) => [name, withoutLines(value)])) }
    case 'list':
      return { ...tree, place, items: tree.items.map(withoutLines) }
    case 'scalar':
      return { ...tree, place }
  }
}
