import { NormalSource } from '../random/normal-source.ts'
import { maxPriceTextBytes, writePrice } from './price-text.ts'

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
  const normals = new NormalSource(spec.seed)
  const sigma = spec.hourlySigma * Math.sqrt(spec.stepSeconds / 3_600)
  const shift = -0.5 * sigma * sigma
  const head = `[${spec.startAtSeconds},${spec.stepSeconds}`
  const bytes = new Uint8Array(head.length + 1 + spec.pathCount * (2 + spec.pointCount * (maxPriceTextBytes + 1)))
  let at = writeAscii(bytes, 0, head)
  for (let path = 0; path < spec.pathCount; path += 1) {
    let price = spec.startPriceUsd
    for (let point = 0; point < spec.pointCount; point += 1) {
      if (point > 0) price *= Math.exp(shift + sigma * normals.next())
      at = writeAscii(bytes, at, point > 0 ? ',' : ',[')
      at = writePrice(bytes, at, price)
      if (at < 0) return undefined
    }
    at = writeAscii(bytes, at, ']')
  }
  at = writeAscii(bytes, at, ']')
  return bytes.subarray(0, at)
}

function writeAscii(target: Uint8Array, offset: number, text: string): number {
  for (let i = 0; i < text.length; i += 1) target[offset + i] = text.charCodeAt(i)
  return offset + text.length
}
