import { describe, expect, it } from 'vitest'
import { makeScoredRows } from '#tests/support/scored-rows'
import { suggestionFacts } from './suggestion-facts.ts'

const served = makeScoredRows({ widthAt: () => 0.8 })
const scaled = (model: string, part: string, factor: number) =>
  served.map((row) => ({
    ...row,
    model,
    facts: null,
    total: row.total! * factor,
    rows: row.rows.map((each) => (each.name === part ? { ...each, crps: each.crps * factor } : each)),
  }))

describe('suggestionFacts', () => {
  it('takes short and long intervals against the first baseline that was scored, and the middle 95 % exactly', () => {
    const [facts] = suggestionFacts([...served, ...scaled('seed', '30min', 3), ...scaled('reference', '5min', 0.5)])
    expect(facts).toMatchObject({
      asset: 'BTC',
      horizon: 'low',
      promptCount: 240,
      baseline: 'reference',
      shortRatio: 2,
    })
    expect(facts).toMatchObject({ longRatio: undefined, against: 'baseline', totalRatio: 2 })
    expect(facts!.coverage95!.share).toBeCloseTo(0.883, 2)
    expect(facts!.coverage95!.low).toBeLessThan(facts!.coverage95!.share)
    expect(facts!.varianceRatio).toBeCloseTo(1 / 0.64, 1)
  })
  it('says the same of a market that moves many times as much: no score is judged by itself', () => {
    const rows = [...served, ...scaled('seed', '30min', 3), ...scaled('reference', '5min', 0.5)]
    // A power of two: not a bit is rounded.
    const larger = rows.map((row) => ({
      ...row,
      total: row.total! * 128,
      rows: row.rows.map((each) => ({ ...each, crps: each.crps * 128 })),
    }))
    expect(suggestionFacts(larger)).toEqual(suggestionFacts(rows))
  })
  it('takes the total against the field where enough of its scores are stored', () => {
    const miners = [4000, 5000, 6000].map((crps, uid) => ({ uid, crps, promptScore: 0 }))
    const field = served.map(({ asset, timeLengthSeconds, startAtMs }) => ({
      ...{ asset, timeLengthSeconds, miners },
      scoredAtMs: startAtMs + timeLengthSeconds * 1000,
    }))
    const readField = (_: unknown, { fromMs, toMs }: { fromMs: number; toMs: number }) =>
      field.filter(({ scoredAtMs }) => scoredAtMs >= fromMs && scoredAtMs <= toMs)
    expect(suggestionFacts(served, readField)[0]).toMatchObject({ against: 'field', totalRatio: 0.8 })
    const few = (kind: unknown, window: { fromMs: number; toMs: number }) => readField(kind, window).slice(0, 1)
    expect(suggestionFacts(served, few)[0]).toMatchObject({ against: 'baseline', totalRatio: undefined })
  })
  it('names alternatives as a champion pointer would, and only what such a pointer can name', () => {
    const others = ['calibrated@0a1b2c3d', 'onnx:har@0a1b2c3d', 'ewma:lambda=0.9', 'reference', 'blend:ewma=1']
    const rows = others.flatMap((model) => scaled(model, '5min', 0.9))
    const [facts] = suggestionFacts([...served, ...rows])
    expect(facts!.alternatives.map(({ model }) => model)).toEqual(['calibrated', 'onnx:har'])
  })
})
