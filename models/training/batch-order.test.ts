import { expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { BatchOrder } from './batch-order.ts'

it('takes each window once in a round, in another order each time', () => {
  const order = new BatchOrder(new SplitMix64(3n), 10)
  const rounds = [0, 1].map((round) => [0, 1].flatMap((half) => order.windowsOf(2 * round + half, 5)))
  for (const round of rounds) expect(round.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(rounds[0]).not.toEqual(rounds[1])
})

it('gives a step the same windows whatever came before', () => {
  const straight = new BatchOrder(new SplitMix64(3n), 7)
  const walked = Array.from({ length: 12 }, (_, step) => straight.windowsOf(step, 3))
  for (const step of [11, 4, 0]) expect(new BatchOrder(new SplitMix64(3n), 7).windowsOf(step, 3)).toEqual(walked[step])
})

it('fills a batch that is larger than the data', () => {
  expect(new BatchOrder(new SplitMix64(1n), 2).windowsOf(0, 5)).toHaveLength(5)
})
