import { pairwiseSum } from './pairwise-sum.ts'

/** exp(beta·score) over the sum of all, after subtracting the maximum. If all are infinite: NaN for every miner. */
export function softmaxOf(scores: readonly number[], beta: number): number[] {
  const scaled = scores.map((score) => beta * score)
  const highest = scaled.reduce((max, value) => (value > max || Number.isNaN(value) ? value : max), -Infinity)
  const powers = scaled.map((value) => Math.exp(value - highest))
  const sum = pairwiseSum(powers)
  return powers.map((power) => power / sum)
}
