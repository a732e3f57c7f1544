import { NormalSource } from '../random/normal-source.ts'
import { priceTextCapacity, writePrices } from './write-prices.ts'

/** Everything that a set of driftless paths depends on: the same values give the same bytes. */
export interface DriftlessSpec {
  readonly seed: bigint
  readonly startPriceUsd: number
  /** Standard deviation of the log price over one hour. */
  readonly hourlySigma: number
  readonly startAtSeconds: number
  readonly stepSeconds: number
  readonly pointCount: number
  readonly pathCount: number
}

/**
 * Geometric Brownian motion without drift, so that the expected price stays where it starts, written as the JSON text
 * of `simulation_output`. Undefined when a price leaves the range that can be written: such a forecast is not sent.
 */
export function writeDriftlessPaths(spec: DriftlessSpec): Uint8Array | undefined {
  const { startAtSeconds: startSeconds, stepSeconds: incrementSeconds, pathCount, pointCount } = spec
  const normals = new NormalSource(spec.seed)
  const sigma = spec.hourlySigma * Math.sqrt(spec.stepSeconds / 3_600)
  const shift = -0.5 * sigma * sigma
  const values = new Float64Array(pathCount * pointCount)
  for (let path = 0; path < pathCount; path += 1) {
    let price = spec.startPriceUsd
    for (let point = 0; point < pointCount; point += 1) {
      if (point > 0) price *= Math.exp(shift + sigma * normals.next())
      values[path * pointCount + point] = price
    }
  }
  const text = { startSeconds, incrementSeconds, pathCount, pointCount, values }
  const bytes = new Uint8Array(priceTextCapacity(text))
  const written = writePrices(bytes, 0, text)
  return written.ok ? bytes.subarray(0, written.end) : undefined
}
