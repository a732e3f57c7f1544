import type { PathMatrix } from '#core/synth/scoring/crps'
import { powersOfTen, type WrittenPrices } from './read-output.ts'

/**
 * Prices as bytes that compress well: whole numbers of the finest decimal in use, stored as changes along the path,
 * with the sign in the lowest bit; all lowest bytes first, then all second ones, and so on. The low bytes are noise
 * that cannot be compressed; the high ones are nearly always the same few.
 */
export interface PricePlanes {
  readonly pathCount: number
  readonly pointCount: number
  readonly decimals: number
  /** Lowest byte first; planes with only zeros are left out. */
  readonly planes: readonly Uint8Array[]
}

/** Changes of such numbers fit into 32 bits with their sign. */
const mostWhole = 2 ** 30

/** Undefined if the prices span too many decades for whole numbers of 30 bits. */
export function toPlanes({ pathCount, pointCount, digits, decimals }: WrittenPrices): PricePlanes | undefined {
  const finest = decimals.reduce((most, own) => Math.max(most, own), 0)
  const factors = Array.from({ length: finest + 1 }, (_, own) => powersOfTen[finest - own]!)
  const count = digits.length
  const planes = [0, 1, 2, 3].map(() => new Uint8Array(count))
  const [lowest, second, third, fourth] = planes as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  let used = 0
  let firstOfPath = 0
  let i = 0
  for (let path = 0; path < pathCount; path += 1) {
    let before = firstOfPath
    for (let k = 0; k < pointCount; k += 1, i += 1) {
      const whole = digits[i]! * factors[decimals[i]!]!
      if (whole > mostWhole) return undefined
      const change = whole - before
      const folded = (change << 1) ^ (change >> 31)
      lowest[i] = folded
      second[i] = folded >>> 8
      third[i] = folded >>> 16
      fourth[i] = folded >>> 24
      used |= folded
      before = whole
      if (k === 0) firstOfPath = whole
    }
  }
  const planeCount = Math.ceil((32 - Math.clz32(used)) / 8)
  return { pathCount, pointCount, decimals: finest, planes: planes.slice(0, planeCount) }
}

export function fromPlanes(given: PricePlanes): PathMatrix {
  const { pathCount, pointCount, planes } = given
  const power = checkPlanes(given)
  const count = pathCount * pointCount
  const none = new Uint8Array(0)
  const [lowest = none, second = none, third = none, fourth = none] = planes
  const values = new Float64Array(count)
  let firstOfPath = 0
  let i = 0
  for (let path = 0; path < pathCount; path += 1) {
    let whole = firstOfPath
    for (let k = 0; k < pointCount; k += 1, i += 1) {
      const folded = lowest[i]! | (second[i]! << 8) | (third[i]! << 16) | (fourth[i]! << 24)
      whole += (folded >>> 1) ^ -(folded & 1)
      values[i] = whole / power
      if (k === 0) firstOfPath = whole
    }
  }
  return { pathCount, pointCount, values }
}

/** `fromPlanes` with the loop of a compiled kernel, whose result the next call overwrites. */
export function joinPlanes(join: PlaneJoiner, given: PricePlanes): PathMatrix {
  const { pathCount, pointCount, planes } = given
  return { pathCount, pointCount, values: join(planes, pathCount, pointCount, checkPlanes(given)) }
}

export type PlaneJoiner = (
  planes: readonly Uint8Array[],
  pathCount: number,
  pointCount: number,
  power: number,
) => Float64Array

/** By which power of ten the whole numbers are divided. */
function checkPlanes({ pathCount, pointCount, decimals, planes }: PricePlanes): number {
  const power = powersOfTen[decimals]
  const count = pathCount * pointCount
  if (power === undefined || planes.length > 4 || planes.some((plane) => plane.length !== count)) {
    throw new RangeError(`${planes.length} planes of other lengths than ${count}, or ${decimals} decimals`)
  }
  return power
}
