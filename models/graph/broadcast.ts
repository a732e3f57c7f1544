import { type Graph, ShapeError, showShape } from './graph.ts'

/** The shape of an operation that repeats the smaller side, as ONNX and numpy do. */
export function broadcastShape(graph: Graph, operator: string, a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  const shape: number[] = []
  for (let axis = 0; axis < rank; axis += 1) {
    const left = a[axis - rank + a.length] ?? 1
    const right = b[axis - rank + b.length] ?? 1
    if (left !== right && left !== 1 && right !== 1) {
      throw new ShapeError(graph, `${operator} cannot combine the shapes ${showShape(a)} and ${showShape(b)}`)
    }
    shape.push(left === 1 ? right : left)
  }
  return shape
}

/** A place counted from the end, as in Python, made one that counts from the start. */
export function wholeAxis(graph: Graph, operator: string, axis: number, rank: number): number {
  const whole = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(axis) || whole < 0 || whole >= rank) {
    throw new ShapeError(graph, `${operator} has no axis ${axis} in a shape of ${rank} dimensions`)
  }
  return whole
}
