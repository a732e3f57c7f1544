import { type JsonTape, jsonKind } from './answer-json.ts'
import type { PathMatrix } from './crps.ts'
import { countAt, elementsOf, isArray, memberOf, nextAfter, numberAt } from './json-tape.ts'

/**
 * The price entries of an answer, path by path: everything after start and increment. The format of 2025, lists of
 * `{time, price}` objects without a header, is still read if the whole answer uses it. Null: nothing to score.
 */
export function pathEntriesOf(tape: JsonTape, answer: number): number[][] | null {
  if (!isArray(tape, answer) || countAt(tape, answer) <= 2) return null
  const elements = elementsOf(tape, answer)
  if (!isObjectFormat(tape, elements[0] as number)) return elements.slice(2).map((path) => pointsOf(tape, path))
  return elements.map((path) => pointsOf(tape, path).map((point) => memberOf(tape, point, 'price') ?? point))
}

/** The prices as numbers; missing ones are NaN. Null when there is nothing to score or the paths differ in length. */
export function pathMatrixOf(tape: JsonTape, answer: number): PathMatrix | null {
  const paths = pathEntriesOf(tape, answer)
  const pointCount = paths?.[0]?.length
  if (paths === null || pointCount === undefined) return null
  const values = new Float64Array(paths.length * pointCount)
  for (const [row, entries] of paths.entries()) {
    if (entries.length !== pointCount) return null
    for (let point = 0; point < pointCount; point += 1) {
      values[row * pointCount + point] = numberAt(tape, entries[point] as number)
    }
  }
  return { pathCount: paths.length, pointCount, values }
}

function isObjectFormat(tape: JsonTape, element: number): boolean {
  return isArray(tape, element) && countAt(tape, element) > 0 && tape.kinds[element + 1] === jsonKind.object
}

function pointsOf(tape: JsonTape, path: number): number[] {
  if (!isArray(tape, path)) return []
  // Filled by index: a path of a 24h answer has 289 points, an answer has 1000 paths.
  const points = new Array<number>(countAt(tape, path))
  let entry = path + 1
  for (let index = 0; index < points.length; index += 1) {
    points[index] = entry
    entry = nextAfter(tape, entry)
  }
  return points
}
