import { expect, it } from 'vitest'
import { dayMs, hourMs } from '#core/base/time/units'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { makeScoredRows } from '#tests/support/scored-rows'
import type { ReadField } from './field-comparison.ts'
import { validatorWindows } from './validator-windows.ts'

const book = buildRegimeBook(builtInRegimes)
const fromMs = Date.UTC(2026, 5, 1)
// Later than the day on which the competitions became three.
const toMs = Date.UTC(2026, 6, 1)
const btc = makeScoredRows({ total: 4000 })
const eth = makeScoredRows({ total: 3000 }).map((row) => ({
  ...row,
  predictionId: `e${row.predictionId}`,
  asset: 'ETH',
  // The first twenty days were worse.
  total: row.startAtMs < Date.UTC(2026, 5, 20) ? 9000 : 3000,
}))

it('weights assets by their coefficients over the days of the competition', () => {
  const [crypto, ...others] = validatorWindows([...btc, ...eth], 'served', { book, fromMs, toMs })
  expect(others).toEqual([])
  expect(crypto).toMatchObject({ key: 'crypto-24h', windowDays: 10 })
  const last = crypto!.windows.at(-1)!
  const ethWeight = crypto!.coefficients.find(({ asset }) => asset === 'ETH')!.coefficient as number
  expect(ethWeight).toBe(0.7064366394033871)
  expect(last.updateAtMs).toBe(toMs)
  // Ten days of prompts that had ended, eight a day; both ends are open.
  expect(last.prompts).toBe(2 * 79)
  expect(last.smoothedCrps).toBeCloseTo((4000 + ethWeight * 3000) / (1 + ethWeight), 6)
  const early = crypto!.windows.find(({ updateAtMs }) => updateAtMs === Date.UTC(2026, 5, 24))!
  const ended = eth.filter(({ startAtMs }) => startAtMs > Date.UTC(2026, 5, 13) && startAtMs < Date.UTC(2026, 5, 23))
  const ethMean = ended.reduce((sum, { total }) => sum + total, 0) / ended.length
  expect(ethMean).toBeGreaterThan(6000)
  expect(early.smoothedCrps).toBeCloseTo((4000 + ethWeight * ethMean) / (1 + ethWeight), 6)
})

it('ranks the smoothed prompt score among all miners, of the prompts that are known of us', () => {
  const readField: ReadField = ({ asset, timeLengthSeconds }, window) => {
    if (asset !== 'BTC') return []
    const prompts = Array.from({ length: 31 * 24 }, (_, hour) => ({
      asset,
      timeLengthSeconds,
      scoredAtMs: fromMs + hour * hourMs,
      miners: [3990, 4010, 4100].map((crps, uid) => ({ uid, crps, promptScore: 0 })),
    }))
    return prompts.filter(({ scoredAtMs }) => scoredAtMs >= window.fromMs && scoredAtMs <= window.toMs)
  }
  const [crypto] = validatorWindows(btc, 'served', { book, fromMs, toMs, readField })
  const { field } = crypto!.windows.at(-1)!
  // Every third hour of ten days; the prompts in between are not in the journal and count for nobody.
  expect(field!.prompts).toBeGreaterThan(70)
  expect(field!.prompts).toBeLessThanOrEqual(80)
  expect(field).toMatchObject({ rank: 2, miners: 4 })
  expect(field!.bestSmoothed).toBeCloseTo(0, 9)
  expect(field!.smoothedScore).toBeCloseTo(10, 9)
  expect(
    crypto!.windows.filter(({ field: found }) => found !== null).map(({ updateAtMs }) => (toMs - updateAtMs) / dayMs),
  ).toEqual([7, 0]) // Before 2026-06-23 there was no such competition.
})
