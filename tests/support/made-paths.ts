/** Random walks from a seed: simulated paths and a real one. */
import { SplitMix64 } from '#core/base/random/rng'
import type { PathMatrix } from '#core/synth/scoring/crps'

export interface WalkOptions {
  readonly pathCount: number
  readonly pointCount: number
  readonly seed: number
  readonly startPrice?: number
  readonly stepSigma?: number
}

export function makePaths({
  pathCount,
  pointCount,
  seed,
  startPrice = 100,
  stepSigma = 0.001,
}: WalkOptions): PathMatrix {
  const rng = new SplitMix64(BigInt(seed))
  const values = new Float64Array(pathCount * pointCount)
  for (let path = 0; path < pathCount; path += 1) {
    let price = startPrice
    for (let point = 0; point < pointCount; point += 1) {
      values[path * pointCount + point] = price
      let normal = -6
      for (let i = 0; i < 12; i += 1) normal += rng.next()
      price *= 1 + stepSigma * normal
    }
  }
  return { pathCount, pointCount, values }
}

export function makeRealPath(options: Omit<WalkOptions, 'pathCount'>): Float64Array {
  return makePaths({ ...options, pathCount: 1, seed: options.seed + 1 }).values
}

/** A copy whose values went through `change`. */
export function mapPaths(paths: PathMatrix, change: (value: number, index: number) => number): PathMatrix {
  return { ...paths, values: paths.values.map(change) }
}
