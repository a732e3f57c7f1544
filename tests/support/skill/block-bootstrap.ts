import type { Rng } from '#core/base/random/rng'

/**
 * Places of one resampled series: whole blocks of neighbours, so that what neighbours have in common stays in common.
 * Circular: a block that reaches the end goes on at the beginning, and every place is drawn equally often.
 */
export function resampleBlocks(count: number, blockLength: number, rng: Rng): Int32Array {
  const places = new Int32Array(count)
  for (let taken = 0; taken < count; taken += blockLength) {
    const start = Math.floor(rng.next() * count)
    const end = Math.min(taken + blockLength, count)
    for (let k = taken; k < end; k += 1) places[k] = (start + k - taken) % count
  }
  return places
}

/** The middle `level` of the values, by rank. */
export function percentileInterval(values: readonly number[], level: number): readonly [low: number, high: number] {
  const sorted = [...values].sort((a, b) => a - b)
  const last = sorted.length - 1
  // Ranks that are whole numbers on paper, such as 0.025 * 1000, must not fall by one in binary.
  const rank = (share: number): number => Math.min(Math.floor(share * sorted.length + 1e-9), last)
  return [sorted[rank((1 - level) / 2)]!, sorted[rank((1 + level) / 2)]!]
}

/** No fewer than five blocks: with less to draw from, an interval would say more than the data. */
export function blockLengthFor(count: number, wanted: number): number {
  return Math.max(1, Math.min(Math.floor(wanted), Math.floor(count / 5)))
}
