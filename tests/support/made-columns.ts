/** Ensemble columns that are awkward to sort, made from a seed. */
import { SplitMix64 } from '#core/base/random/rng'

const shapes = {
  normal: (next: Next) => sum12(next) * 7,
  fatTails: (next: Next) => sum12(next) / (0.001 + next()),
  uniform: (next: Next) => next() * 1000 - 300,
  priceLevel: (next: Next) => 103_251.37 + sum12(next),
  ties: (next: Next) => Math.floor(next() * 5),
  twoValues: (next: Next) => (next() < 0.5 ? 1 : 1 + Number.EPSILON),
  constant: () => 42.5,
  zeros: (next: Next) => (next() < 0.5 ? 0 : -0),
  aroundZero: (next: Next) => (next() < 0.3 ? (next() < 0.5 ? 0 : -0) : sum12(next)),
  sorted: (_next: Next, i: number) => i * 0.37,
  reversed: (_next: Next, i: number) => -i * 0.37,
  sawtooth: (_next: Next, i: number) => i % 17,
  oneOutlier: (next: Next, i: number) => (i === 3 ? 1e12 : sum12(next)),
  nestedClusters: (next: Next) => 10 ** -Math.floor(next() * 15) * (1 + next()),
  hugeRange: (next: Next) => (2 * next() - 1) * 1.7e308,
  wholeExponentRange: (next: Next) => (next() < 0.5 ? -1 : 1) * 2 ** Math.floor(next() * 2000 - 1000),
  subnormal: (next: Next) => Math.floor(next() * 50) * Number.MIN_VALUE,
  missing: (next: Next) => (next() < 0.2 ? Number.NaN : sum12(next)),
  nearlyAllMissing: (next: Next, i: number) => (i === 1 ? sum12(next) : Number.NaN),
  allMissing: () => Number.NaN,
  infinite: (next: Next) => (next() < 0.1 ? Number.POSITIVE_INFINITY : sum12(next)),
  bothInfinities: (next: Next) => (next() < 0.1 ? (next() < 0.5 ? 1 : -1) * Number.POSITIVE_INFINITY : sum12(next)),
  infiniteAndMissing: (next: Next) => (next() < 0.5 ? Number.NaN : Number.NEGATIVE_INFINITY),
} as const

type Next = () => number

export type ColumnShape = keyof typeof shapes
export const columnShapes = Object.keys(shapes) as ColumnShape[]

function sum12(next: Next): number {
  let sum = -6
  for (let i = 0; i < 12; i += 1) sum += next()
  return sum
}

export function makeColumn(shape: ColumnShape, count: number, seed: number): Float64Array {
  const rng = new SplitMix64(BigInt(seed)).fork(shape)
  return Float64Array.from({ length: count }, (_, i) => shapes[shape](() => rng.next(), i))
}

/** The columns as paths: path p runs through element p of each. */
export function toPaths(columns: readonly Float64Array[]): {
  pathCount: number
  pointCount: number
  values: Float64Array
} {
  const pathCount = columns[0]!.length
  const values = new Float64Array(pathCount * columns.length)
  columns.forEach((column, point) => {
    column.forEach((value, path) => {
      values[path * columns.length + point] = value
    })
  })
  return { pathCount, pointCount: columns.length, values }
}
