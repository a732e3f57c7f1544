import { describe, expect, it } from 'vitest'
import { makeScoredRows } from '#tests/support/scored-rows'
import { diagnose } from './diagnose.ts'

describe('diagnose', () => {
  it('says nothing of a forecast that is right', () => {
    expect(diagnose(makeScoredRows({ widthAt: () => 1 })).sentences).toEqual([])
  })

  it('names the hours in which a forecast is too wide, and only those', () => {
    const { sentences, subjects } = diagnose(makeScoredRows({ widthAt: (hour) => (hour < 6 ? 1.25 : 1) }))
    expect(sentences[0]).toMatch(
      /^BTC 24h is 2[3-7] % too wide between 00 and 06 UTC \(n = 240; \d\d to \d\d %\), which costs about 0\.\d\d % of its score\.$/,
    )
    expect(sentences.filter((text) => text.includes('between')).length).toBe(1)
    expect(subjects[0]!.byQuarterOfDay.map(({ group }) => group)).toEqual([
      '00-06 UTC',
      '06-12 UTC',
      '12-18 UTC',
      '18-24 UTC',
    ])
  })

  it('finds the variance ratio and the coverage of a forecast that is too narrow', () => {
    const [subject] = diagnose(makeScoredRows({ widthAt: () => 0.8 })).subjects
    const [main] = subject!.byInterval
    expect(main!.varianceRatio).toBeCloseTo(1 / 0.64, 1)
    expect(main!.width).toBeCloseTo(0.8, 1)
    const below5 = main!.coverage.find(({ level }) => level === 0.05)!
    expect(below5.share).toBeGreaterThan(0.08)
    expect(below5.interval!.low).toBeGreaterThan(0.05)
    expect(main!.pit.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
  })

  it('counts the middle 95 % exactly, with its band, and not at all from rows that do not tell', () => {
    const rows = makeScoredRows({ widthAt: () => 0.8 })
    const { share, interval } = diagnose(rows).subjects[0]!.byInterval[0]!.middle95!
    // A normal law that is a quarter wider: 1.96 of the forecast's deviations are 1.57 of its own.
    expect(share).toBeCloseTo(0.883, 2)
    expect(interval!.high).toBeLessThan(0.93)
    expect(interval!.low).toBeGreaterThan(0.85)
    const old = rows.map((row) => ({
      ...row,
      facts: { ...row.facts!, cells: row.facts!.cells.map(({ outer: _, ...cell }) => cell) },
    }))
    expect(diagnose(old).subjects[0]!.byInterval[0]!.middle95).toBeNull()
    // Half of the days have new scores: the others do not lower the share.
    expect(
      diagnose([...rows.slice(0, 120), ...old.slice(120)]).subjects[0]!.byInterval[0]!.middle95!.share,
    ).toBeCloseTo(0.883, 1)
  })

  it('shares the total among its intervals', () => {
    const [subject] = diagnose(makeScoredRows({ widthAt: () => 1 })).subjects
    expect(subject!.shares).toEqual([
      { name: '5min', crps: 2400, share: 0.6 },
      { name: '30min', crps: 1600, share: 0.4 },
    ])
    expect(subject!.totals).toMatchObject({ scored: 240, mean: 4000, median: 4000, sd: 0 })
  })

  it('compares with other models on the same prompts only', () => {
    const served = makeScoredRows({ widthAt: () => 1 })
    const others = makeScoredRows({ widthAt: () => 1, days: 20, total: 4400 }).map((row) => ({ ...row, model: 'seed' }))
    const stranger = { ...others[0]!, predictionId: 'never served', total: 1 }
    const [subject] = diagnose([...served, ...others, stranger]).subjects
    expect(subject!.baselines).toMatchObject([{ model: 'seed', prompts: 160 }])
    expect(subject!.baselines[0]!.ratio).toBeCloseTo(4000 / 4400, 12)
  })

  it('counts what could not be scored, by its reason, and leaves it out of every mean', () => {
    const rows = makeScoredRows({ widthAt: () => 1, days: 6 })
    const broken = rows.slice(0, 3).map((row) => ({ ...row, total: null, problem: 'no realised price', facts: null }))
    const [subject] = diagnose([...broken, ...rows.slice(3)]).subjects
    expect(subject!.totals.unscored).toEqual([{ problem: 'no realised price', count: 3 }])
    expect(subject!.totals).toMatchObject({ scored: 45, mean: 4000 })
  })

  it('keeps the band of a share between nothing and all of it', () => {
    const [subject] = diagnose(makeScoredRows({ widthAt: () => 4, days: 6 })).subjects
    const { coverage, middle95, widthInterval } = subject!.byInterval[0]!
    for (const { interval } of [...coverage, middle95!]) {
      expect(interval!.low).toBeGreaterThanOrEqual(0)
      expect(interval!.high).toBeLessThanOrEqual(1)
    }
    expect(widthInterval!.low).toBeGreaterThan(1)
    expect(subject!.byWeekday.map(({ group }) => group)[0]).toBe('Mon')
  })

  it('gives no interval to a few days', () => {
    const [subject] = diagnose(makeScoredRows({ widthAt: () => 1.5, days: 2 })).subjects
    expect(subject!.byInterval[0]!.widthInterval).toBeNull()
    expect(diagnose(makeScoredRows({ widthAt: () => 1.5, days: 2 })).sentences).toEqual([])
  })
})
