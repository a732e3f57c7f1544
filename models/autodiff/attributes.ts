import type { GraphNode } from '#models/graph/graph'

export function intAttribute({ attributes, operator }: GraphNode, name: string): number {
  const attribute = attributes[name]
  if (attribute?.kind !== 'int') throw new Error(`${operator} has no attribute ${name}`)
  return attribute.value
}

export function intsAttribute({ attributes, operator }: GraphNode, name: string): readonly number[] {
  const attribute = attributes[name]
  if (attribute?.kind !== 'ints') throw new Error(`${operator} has no attribute ${name}`)
  return attribute.value
}
