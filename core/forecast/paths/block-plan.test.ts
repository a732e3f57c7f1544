import { expect, it } from 'vitest'
import { dayIntervals, hourIntervals } from '#tests/support/scoring-rules'
import { type BlockPlan, planBlocks } from './block-plan.ts'

/** "from-to" in steps, as a set. */
function stepBlocks(plan: BlockPlan): Set<string> {
  return new Set(
    plan.levels.flatMap(({ unitSteps, blocks }) =>
      blocks.map(({ from, to }) => `${from * unitSteps}-${to * unitSteps}`),
    ),
  )
}

it('has every change that is scored in a day, none twice', () => {
  const plan = planBlocks(288, 300, dayIntervals)
  expect(plan.levels.map(({ unitSteps, blocks }) => [unitSteps, blocks.length])).toEqual([
    [1, 288],
    [6, 48 + 8 + 1],
  ])
  expect(stepBlocks(plan).size).toBe(345)
})

it('has every change that is scored in an hour, gaps from the start included', () => {
  const plan = planBlocks(60, 60, hourIntervals)
  // 5, 15, 30 and 60 minutes from the start are blocks anyway.
  expect(plan.levels.map(({ unitSteps, blocks }) => [unitSteps, blocks.length])).toEqual([
    [1, 60 + 30],
    [5, 12 + 4 + 2 + 1 + 8],
  ])
  const blocks = stepBlocks(plan)
  for (let minutes = 5; minutes <= 60; minutes += 5) expect(blocks).toContain(`0-${minutes}`)
})

it('goes from short to long', () => {
  for (const { blocks } of planBlocks(60, 60, hourIntervals).levels) {
    const lengths = blocks.map(({ from, to }) => to - from)
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b))
  }
})

it('leaves out intervals that no horizon of this length holds, and shortens a price interval to it', () => {
  expect(stepBlocks(planBlocks(12, 300, dayIntervals))).toEqual(
    new Set([...Array.from({ length: 12 }, (_, i) => `${i}-${i + 1}`), '0-6', '6-12', '0-12']),
  )
})

it('drops a remainder shorter than the interval', () => {
  expect(stepBlocks(planBlocks(7, 60, [{ name: '3min', seconds: 180 }]))).toEqual(new Set(['0-3', '3-6']))
})

it('takes prices as changes from the start', () => {
  expect(stepBlocks(planBlocks(6, 60, [{ name: '2min_abs', seconds: 120 }]))).toEqual(new Set(['0-2', '0-4', '0-6']))
})

it('has no levels when nothing is scored', () => {
  expect(planBlocks(10, 60, []).levels).toEqual([])
})
