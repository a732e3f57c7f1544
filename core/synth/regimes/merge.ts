type Tree = { readonly [name: string]: unknown }

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Replaced as a whole: a tagged choice, an instant. Half of an old value and half of a new one would mean nothing. */
const isAtomic = (value: Tree): boolean => 'kind' in value || 'certainty' in value

/** The base with the change applied: lists are replaced, objects are merged name by name. */
export function mergeRules(base: unknown, change: unknown): unknown {
  if (change === undefined) return base
  if (!isTree(base) || !isTree(change) || isAtomic(change)) return change
  const names = new Set([...Object.keys(base), ...Object.keys(change)])
  return Object.fromEntries([...names].map((name) => [name, mergeRules(at(base, name), at(change, name))]))
}

export function without(tree: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path
  if (!isTree(tree) || name === undefined) return tree
  return rest.length === 0
    ? Object.fromEntries(Object.entries(tree).filter(([key]) => key !== name))
    : { ...tree, [name]: without(at(tree, name), rest) }
}

export function hasPath(tree: unknown, path: readonly string[]): boolean {
  const [name, ...rest] = path
  if (name === undefined) return true
  return isTree(tree) && Object.hasOwn(tree, name) && hasPath(tree[name], rest)
}

function at(tree: Tree, name: string): unknown {
  return Object.hasOwn(tree, name) ? tree[name] : undefined
}
