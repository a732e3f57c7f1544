import { describe, expect, it } from 'vitest'
import { hourMs } from '#core/base/time/units'
import { makeScoredRows } from '#tests/support/scored-rows'
import type { FieldPrompt } from '../shadow/field.ts'
import { compareWithField, type ReadField } from './field-comparison.ts'
import type { ScoredPrediction } from './scored-prediction.ts'

const rows = makeScoredRows({ days: 10 })

function fieldOf(own: readonly ScoredPrediction[], crpsAt: (hourOfDay: number) => readonly number[]): ReadField {
  const prompts = own.map(({ asset, timeLengthSeconds, startAtMs }): FieldPrompt => {
    const crps = crpsAt((startAtMs / hourMs) % 24)
    const miners = crps.map((value, uid) => ({ uid, crps: value, promptScore: 0 }))
    return { asset, timeLengthSeconds, scoredAtMs: startAtMs + timeLengthSeconds * 1000, miners }
  })
  return (_, { fromMs, toMs }) => prompts.filter(({ scoredAtMs }) => scoredAtMs >= fromMs && scoredAtMs <= toMs)
}

const level = () => 'usual'

describe('compareWithField', () => {
  it('finds our place among those who answered, and our score over their median and best', () => {
    const field = compareWithField(
      rows,
      fieldOf(rows, () => [3800, 4200, 5000, -1]),
      1,
      level,
    )!
    expect(field.all).toMatchObject({ prompts: 80, medianRank: 2, miners: 4, behind: expect.closeTo(1 / 3, 9) })
    expect(field.all.versusMedian.ratio).toBeCloseTo(4000 / 4200, 12)
    expect(field.all.versusBest.ratio).toBeCloseTo(4000 / 3800, 12)
    expect(field.byVolatility.map(({ group }) => group)).toEqual(['usual'])
  })
  it('shows the hours of the start in which the field is better', () => {
    const nights = fieldOf(rows, (hour) => (hour < 6 ? [3000, 3000, 3000] : [5000, 5000, 5000]))
    const field = compareWithField(rows, nights, 1, level)!
    const ranks = field.byQuarterOfDay.map(({ group, medianRank, behind }) => [group, medianRank, behind])
    expect(ranks).toEqual([
      ['00-06 UTC', 4, 1],
      ['06-12 UTC', 1, 0],
      ['12-18 UTC', 1, 0],
      ['18-24 UTC', 1, 0],
    ])
    expect(field.byHour).toHaveLength(8)
    expect(field.byWeekday.map(({ group }) => group)).toEqual(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'])
  })
  it('leaves out prompts that nobody answered, that are not stored, or that we have no score of', () => {
    const silent = fieldOf(rows, (hour) => (hour === 0 ? [-1, -1] : [4100]))
    const own = [{ ...rows[1]!, total: null }, ...rows.slice(2)]
    expect(compareWithField(own, silent, 1, level)!.all.prompts).toBe(78 - 9)
    expect(compareWithField(rows, () => [], 1, level)).toBeNull()
  })
})
