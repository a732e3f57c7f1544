import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { Problem } from './recipe.ts'

/** Where a setting is written. */
export interface Place {
  readonly file: string
  readonly line?: number
}

/** The content of a YAML file, in which every value knows its place. */
export type Tree =
  | { readonly kind: 'map'; readonly place: Place; readonly entries: ReadonlyMap<string, Tree> }
  | { readonly kind: 'list'; readonly place: Place; readonly items: readonly Tree[] }
  | { readonly kind: 'scalar'; readonly place: Place; readonly value: unknown }

export type TreeReading =
  | { readonly ok: true; readonly tree: Tree }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** `file` is what messages say. */
export function readTree(text: string, file: string): TreeReading {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const problems: Problem[] = document.errors.map(({ message, pos }) => problemAt(message, pos[0]))
  if (problems.length > 0) return { ok: false, problems }
  const tree = toTree(document.contents, 1)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, tree }

  function problemAt(sentence: string, offset: number): Problem {
    return { path: '', file, line: lines.linePos(offset).line, sentence }
  }

  function lineOf(node: Node | null, line: number): number {
    return node?.range == null ? line : lines.linePos(node.range[0]).line
  }

  function toTree(node: Node | null, line: number): Tree {
    const place = { file, line }
    if (isMap<Node, Node | null>(node)) {
      const entries = node.items.map(({ key, value }) => {
        // A setting is where its name is, also if the value begins on the next line.
        return [isScalar(key) ? String(key.value) : String(key), toTree(value, lineOf(key, line))] as const
      })
      return { kind: 'map', place, entries: new Map(entries) }
    }
    if (isSeq<Node | null>(node)) {
      return { kind: 'list', place, items: node.items.map((item) => toTree(item, lineOf(item, line))) }
    }
    if (isAlias(node)) {
      problems.push(problemAt('Aliases are not read here: refer to a setting by its path.', node.range![0]))
    }
    return { kind: 'scalar', place, value: isScalar(node) ? node.value : null }
  }
}

/** Plain objects, lists and values. */
export function plain(tree: Tree): unknown {
  switch (tree.kind) {
    case 'map':
      return Object.fromEntries([...tree.entries].map(([name, value]) => [name, plain(value)]))
    case 'list':
      return tree.items.map(plain)
    case 'scalar':
      return tree.value
  }
}

/** What is directly below, by name or index. */
export function childOf(tree: Tree | undefined, name: string): Tree | undefined {
  if (tree?.kind === 'map') return tree.entries.get(name)
  return tree?.kind === 'list' && /^\d+$/.test(name) ? tree.items[Number(name)] : undefined
}

/** The names or indices directly below. */
export function childNames(tree: Tree): string[] {
  if (tree.kind === 'map') return [...tree.entries.keys()]
  return tree.kind === 'list' ? tree.items.map((_, index) => String(index)) : []
}

export function treeAt(tree: Tree, path: readonly string[]): Tree | undefined {
  return path.reduce<Tree | undefined>(childOf, tree)
}

/** Where a setting is written; of one that is not, the place of what should hold it. */
export function placeOf(tree: Tree, path: readonly string[]): Place {
  let found = tree
  for (const name of path) {
    const child = childOf(found, name)
    if (child === undefined) break
    found = child
  }
  return found.place
}
