import { describe, expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { dayMs } from '#core/base/time/units'
import { compareModels, pairTotals } from './compare-models.ts'
import type { StoredTotal } from './score-store.ts'

const startAtMs = Date.UTC(2026, 9, 1)

function score(i: number, total: number | null, changes: Partial<StoredTotal> = {}): StoredTotal {
  return {
    predictionId: `p${i}`,
    regime: '2026-09-22',
    asset: 'BTC',
    startAtMs: startAtMs + (i * dayMs) / 24,
    timeLengthSeconds: 3_600,
    competition: 'crypto-1h',
    total,
    pricePart: total,
    volatilityPart: null,
    problem: total === null ? 'noForecast' : null,
    ...changes,
  }
}

const rng = new SplitMix64(4n)
const before = Array.from({ length: 24 * 20 }, (_, i) => score(i, 100 + 40 * rng.next()))
const worse = before.map((one, i) => ({
  ...one,
  total: one.total! * (1.02 + 0.01 * (rng.next() - 0.5)),
  regime: before[i]!.regime,
}))

describe('pairTotals', () => {
  it('pairs only what both have scored under the same rules', () => {
    const after = [score(0, 90), score(1, null), score(2, 80, { regime: 'other' })]
    expect(pairTotals([score(0, 100), score(1, 100), score(2, 100), score(3, 100)], after)).toEqual([
      { startAtMs, timeLengthSeconds: 3_600, oldScore: 100, newScore: 90 },
    ])
  })
})

describe('compareModels', () => {
  it('finds a worsening of two per cent on the same prompts, though single scores vary by forty', () => {
    const [row] = compareModels(before, worse)
    const { comparison } = row!
    expect(comparison!.count).toBe(480)
    expect(comparison!.relativeDifference).toBeCloseTo(0.02, 2)
    expect(comparison!.interval[0]).toBeGreaterThan(0.01)
    expect(comparison!.interval[1]).toBeLessThan(0.03)
  })

  it('finds nothing where nothing is', () => {
    const { comparison } = compareModels(before, before)[0]!
    expect(comparison).toMatchObject({ relativeDifference: 0, interval: [0, 0] })
  })

  it('keeps assets and lengths apart, and counts what only one could score', () => {
    const others = before.slice(0, 240).map((one) => ({ ...one, asset: 'ETH', total: one.total! * 2 }))
    const day = before.slice(0, 240).map((one) => ({ ...one, timeLengthSeconds: 86_400 }))
    const all = [...before, ...others, ...day]
    const rows = compareModels(all, all.slice(1))
    expect(rows.map(({ asset, timeLengthSeconds, unpaired }) => [asset, timeLengthSeconds, unpaired])).toEqual([
      ['BTC', 86_400, 0],
      ['BTC', 3_600, 1],
      ['ETH', 3_600, 0],
    ])
  })

  it('has no comparison where nothing can be paired', () => {
    expect(compareModels([score(0, 1)], [score(1, 1)])).toMatchObject([{ comparison: undefined, unpaired: 2 }])
  })
})
