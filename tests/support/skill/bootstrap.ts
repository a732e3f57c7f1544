import { SplitMix64 } from '#core/base/random/rng'
import { blockLengthFor, percentileInterval, resampleBlocks } from '#tests/support/skill/block-bootstrap'

const rounds = 1000

/** 95 % interval of sum(a) / sum(b) over resampled blocks of neighbouring prompts (circular). */
export function ratioInterval(a: readonly number[], b: readonly number[], blockLength: number): [number, number] {
  const rng = new SplitMix64(50n)
  const count = a.length
  const length = blockLengthFor(count, blockLength)
  const ratios = Array.from({ length: rounds }, () => {
    let over = 0
    let under = 0
    for (const place of resampleBlocks(count, length, rng)) {
      over += a[place]!
      under += b[place]!
    }
    return over / under
  })
  const [low, high] = percentileInterval(ratios, 0.95)
  return [low, high]
}
