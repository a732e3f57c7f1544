import { describe, expect, it } from 'vitest'
import { TestClock } from '#tests/support/test-clock'
import { AnswerBudget } from './answer-budget.ts'

const rules = { safetyMarginMs: 3_000, computeTimeoutMs: 10_000 }

function aBudget(untilStartMs: number) {
  const clock = new TestClock()
  return { clock, budget: new AnswerBudget(clock, rules, clock.nowMs() + untilStartMs) }
}

describe('AnswerBudget', () => {
  it('ends a margin before the start, or after the longest computation, whichever comes first', () => {
    expect(aBudget(60_000).budget.leftMs()).toBe(10_000)
    expect(aBudget(7_000).budget.leftMs()).toBe(4_000)
    expect(aBudget(1_000).budget.leftMs()).toBe(-2_000)
  })

  it('gives each stage a share of what is left when it begins', async () => {
    const { clock, budget } = aBudget(60_000)
    expect(budget.stageMs('forecast')).toBe(1_500)
    expect(budget.stageMs('ensemble')).toBe(3_500)
    await clock.advance(5_000)
    expect(budget.stageMs('ensemble')).toBe(1_750)
    expect(budget.stageMs('record')).toBe(5_000)
  })

  it('leaves an eleventh of the time after four rungs that used up all they had', async () => {
    const { clock, budget } = aBudget(60_000)
    for (let rung = 0; rung < 4; rung += 1) {
      await clock.advance(0.15 * budget.leftMs())
      await clock.advance(0.35 * budget.leftMs())
    }
    expect(budget.leftMs()).toBeGreaterThan(10_000 / 11)
  })

  it('lets a late answer be made, and waits for no record of it', () => {
    const { budget } = aBudget(2_000)
    expect(budget.beganLate).toBe(true)
    expect(budget.stageMs('forecast')).toBe(50)
    expect(budget.stageMs('ensemble')).toBe(1_000)
    expect(budget.stageMs('record')).toBe(0)
    expect(budget.overran()).toBe('wait')
  })

  it('names the stage that used up its time, else the longest', () => {
    const { budget } = aBudget(60_000)
    budget.spend('sample', 700)
    budget.spend('forecast', 100)
    expect(budget.overran()).toBe('sample')
    budget.spend('forecast', 500, 500)
    expect(budget.overran()).toBe('forecast')
    expect(budget.spent()).toEqual({ sample: 700, forecast: 600 })
  })
})
