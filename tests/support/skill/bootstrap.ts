import { SplitMix64 } from '#core/random/rng'

const rounds = 1000

/** 95 % interval of sum(a) / sum(b) over resampled blocks of neighbouring prompts (circular). */
export function ratioInterval(a: readonly number[], b: readonly number[], blockLength: number): [number, number] {
  const rng = new SplitMix64(50n)
  const count = a.length
  const length = Math.max(1, Math.min(blockLength, Math.floor(count / 5)))
  const ratios = Array.from({ length: rounds }, () => {
    let over = 0
    let under = 0
    for (let taken = 0; taken < count; taken += length) {
      const start = Math.floor(rng.next() * count)
      for (let k = 0; k < Math.min(length, count - taken); k += 1) {
        over += a[(start + k) % count]!
        under += b[(start + k) % count]!
      }
    }
    return over / under
  }).sort((x, y) => x - y)
  return [ratios[Math.floor(0.025 * rounds)]!, ratios[Math.floor(0.975 * rounds)]!]
}
