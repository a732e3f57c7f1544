import { describe, expect, it } from 'vitest'
import { SplitMix64 } from '../random/rng.ts'
import { type FactCell, pitBins } from '../replay/prediction-facts.ts'
import { diagnose } from './diagnose.ts'
import type { ScoredPrediction } from './scored-prediction.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
const startMs = Date.UTC(2026, 5, 1)

/** Normal increments under a forecast whose standard deviation is `width` times the true one. */
function makeRows(widthAt: (hourOfDay: number) => number, options: { days?: number; total?: number } = {}) {
  const rng = new SplitMix64(7n)
  const normal = () => Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next())
  const rows: ScoredPrediction[] = []
  for (let at = startMs; at < startMs + (options.days ?? 30) * dayMs; at += 3 * hourMs) {
    const cells = Array.from({ length: 24 }, (_, hour): FactCell => {
      const width = widthAt((at / hourMs + hour) % 24)
      const pit = new Array<number>(pitBins).fill(0)
      let realSquares = 0
      for (let i = 0; i < 12; i += 1) {
        const z = normal()
        realSquares += z * z
        pit[Math.min(pitBins - 1, Math.floor(pitBins * below(z / width)))]! += 1
      }
      return { interval: '5min', hour, count: 12, crpsSum: 12, realSquares, forecastVariance: 12 * width ** 2, pit }
    })
    const total = options.total ?? 4000
    rows.push({
      predictionId: `p${at}`,
      asset: 'BTC',
      startAtMs: at,
      timeLengthSeconds: 86_400,
      competition: 'crypto-24h',
      regime: 'r',
      model: 'served',
      total,
      problem: null,
      rows: [
        { name: '5min', crps: 0.6 * total, weight: null },
        { name: '30min', crps: 0.4 * total, weight: null },
        { name: 'Overall', crps: total, weight: null },
      ],
      facts: { cells, volatilityBlocks: [] },
    })
  }
  return rows
}

function below(z: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(z / Math.SQRT2))
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  const tail = 0.5 * poly * Math.exp(-(z * z) / 2)
  return z > 0 ? 1 - tail : tail
}

describe('diagnose', () => {
  it('says nothing of a forecast that is right', () => {
    expect(diagnose(makeRows(() => 1)).sentences).toEqual([])
  })

  it('names the hours in which a forecast is too wide, and only those', () => {
    const { sentences, subjects } = diagnose(makeRows((hour) => (hour < 6 ? 1.25 : 1)))
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
    const [subject] = diagnose(makeRows(() => 0.8)).subjects
    const [main] = subject!.byInterval
    expect(main!.varianceRatio).toBeCloseTo(1 / 0.64, 1)
    expect(main!.width).toBeCloseTo(0.8, 1)
    const below5 = main!.coverage.find(({ level }) => level === 0.05)!
    expect(below5.share).toBeGreaterThan(0.08)
    expect(below5.interval!.low).toBeGreaterThan(0.05)
    expect(main!.pit.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
  })

  it('shares the total among its intervals', () => {
    const [subject] = diagnose(makeRows(() => 1)).subjects
    expect(subject!.shares).toEqual([
      { name: '5min', crps: 2400, share: 0.6 },
      { name: '30min', crps: 1600, share: 0.4 },
    ])
    expect(subject!.totals).toMatchObject({ scored: 240, mean: 4000, median: 4000, sd: 0 })
  })

  it('compares with other models on the same prompts only', () => {
    const served = makeRows(() => 1)
    const others = makeRows(() => 1, { days: 20, total: 4400 }).map((row) => ({ ...row, model: 'seed' }))
    const stranger = { ...others[0]!, predictionId: 'never served', total: 1 }
    const [subject] = diagnose([...served, ...others, stranger]).subjects
    expect(subject!.baselines).toMatchObject([{ model: 'seed', prompts: 160 }])
    expect(subject!.baselines[0]!.ratio).toBeCloseTo(4000 / 4400, 12)
  })

  it('counts what could not be scored, by its reason, and leaves it out of every mean', () => {
    const rows = makeRows(() => 1, { days: 6 })
    const broken = rows.slice(0, 3).map((row) => ({ ...row, total: null, problem: 'no realised price', facts: null }))
    const [subject] = diagnose([...broken, ...rows.slice(3)]).subjects
    expect(subject!.totals.unscored).toEqual([{ problem: 'no realised price', count: 3 }])
    expect(subject!.totals).toMatchObject({ scored: 45, mean: 4000 })
  })

  it('gives no interval to a few days', () => {
    const [subject] = diagnose(makeRows(() => 1.5, { days: 2 })).subjects
    expect(subject!.byInterval[0]!.widthInterval).toBeNull()
    expect(diagnose(makeRows(() => 1.5, { days: 2 })).sentences).toEqual([])
  })
})
