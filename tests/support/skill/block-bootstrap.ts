import type { Rng } from '#core/base/random/rng'

/**
 * The places of one resampled series: whole blocks of neighbours, which keeps what neighbours have in common. Circular:
 * a block that reaches the end continues at the beginning, so every place is drawn equally often.
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
  // A rank that is whole on paper, such as 0.025 * 1000, must not become one lower in binary.
  const rank = (share: number): number => Math.min(Math.floor(share * sorted.length + 1e-9), last)
  return [sorted[rank((1 - level) / 2)]!, sorted[rank((1 + level) / 2)]!]
}

/** At least five blocks: with fewer, an interval would claim more than the data shows. */
export function blockLengthFor(count: number, wanted: number): number {
  return Math.max(1, Math.min(Math.floor(wanted), Math.floor(count / 5)))
}
