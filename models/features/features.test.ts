import { describe, expect, it } from 'vitest'
import { buildInputs } from '#core/forecast/models/onnx/build-inputs'
import { minutesNeeded } from '#core/forecast/models/onnx/manifest'
import type { MinuteWindow } from '#core/forecast/models/onnx/recent-closes'
import { featureColumn } from '#tests/support/features/feature-column'
import { featureExamples } from '#tests/support/features/feature-examples'
import { madeCandles } from '#tests/support/features/made-candles'
import { aManifest, features, madeMinutes } from '#tests/support/onnx-models'

const endsAtMs = Date.UTC(2026, 8, 23, 12)
const weekMinutes = 7 * 1_440
const grid = { rows: 12, stepMinutes: 5 }

/** They look at the whole window by definition: each row of them knows of the later rows. */
const windowLocal = new Set(['logPriceToLast', 'wavelet'])

function aMarket(minutes: number): MinuteWindow & Required<Pick<MinuteWindow, 'candles'>> {
  return { ...madeCandles(minutes, endsAtMs), others: new Map([['ETH', madeMinutes(endsAtMs, minutes).closes]]) }
}

const mapWindow = (
  { closes, candles, others }: MinuteWindow,
  map: (column: Float64Array) => Float64Array,
  at = endsAtMs,
): MinuteWindow => ({
  closes: map(closes),
  endsAtMs: at,
  candles: {
    open: map(candles!.open),
    high: map(candles!.high),
    low: map(candles!.low),
    volume: map(candles!.volume),
  },
  others: new Map([...others!].map(([asset, column]) => [asset, map(column)])),
})

it('names an example of every feature', () => {
  expect([...new Set(featureExamples.map(({ kind }) => kind))].sort()).toEqual(features.list().map(({ name }) => name))
})

describe.each(featureExamples)('$kind', (feature) => {
  const manifest = aManifest({
    inputs: [{ tensor: 'x', kind: 'past', stepSeconds: 300, rows: 12, features: [feature] }],
  })

  it('is known from no more minutes than it says', () => {
    const minutes = minutesNeeded(manifest)
    const window = aMarket(minutes)
    expect(featureColumn(feature, window, grid).filter(Number.isNaN)).toEqual([])
    expect(buildInputs(manifest, { asset: 'BTC', startAtMs: endsAtMs }, window)).toMatchObject({ ok: true })
  })

  it.skipIf(windowLocal.has(feature.kind))('does not change a bit of the past when later minutes change', () => {
    const window = aMarket(weekMinutes + 500)
    const values = featureColumn(feature, window, grid)
    for (const later of [1, 4]) {
      const cut = later * grid.stepMinutes
      const edited = mapWindow(window, (column) =>
        column.map((value, i) => (i < column.length - cut ? value : 3 * value)),
      )
      const cutOff = mapWindow(window, (column) => column.subarray(0, column.length - cut), endsAtMs - cut * 60_000)
      const past = values.slice(0, grid.rows - later)
      expect(featureColumn(feature, edited, grid).slice(0, grid.rows - later)).toEqual(past)
      expect(featureColumn(feature, cutOff, { ...grid, rows: grid.rows - later })).toEqual(past)
    }
  })
})

describe('values of our own features', () => {
  const closes = [100, 101, 100, 102, 101, 103, 104, 103, 105, 107, 106]
  const window: MinuteWindow = { closes: Float64Array.from(closes), endsAtMs }
  const one = (feature: object, from: MinuteWindow = window) =>
    featureColumn(feature, from, { rows: 1, stepMinutes: 5 })[0]!
  const moves = closes.slice(1).map((close, i) => Math.log(close / closes[i]!))
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

  it('semivariances add up to the variance', () => {
    const last = moves.slice(-5)
    const up = Math.log(sum(last.filter((move) => move > 0).map((move) => move ** 2)) / 5)
    expect(one({ kind: 'logSemivariance', side: 'up', minutes: 5 })).toBeCloseTo(up, 9)
    const down = Math.exp(one({ kind: 'logSemivariance', side: 'down', minutes: 5 }))
    expect(Math.log(Math.exp(up) + down)).toBeCloseTo(one({ kind: 'logRealizedVariance', minutes: 5 }), 9)
  })

  it('ranges give Parkinson of the minutes whose candle is known', () => {
    const known = closes.map((_, i) => (i % 2 === 0 ? 1 : Number.NaN))
    const candles = {
      open: Float64Array.from(closes, (close, i) => close * known[i]!),
      high: Float64Array.from(closes, (close) => close * 1.01),
      low: Float64Array.from(closes, (close) => close * 0.99),
      volume: Float64Array.from(closes, (_, i) => i * known[i]!),
    }
    const wanted = Math.log(Math.log(1.01 / 0.99) ** 2 / (4 * Math.log(2)))
    expect(one({ kind: 'logRangeVariance', minutes: 5 }, { ...window, candles })).toBeCloseTo(wanted, 9)
    expect(one({ kind: 'logVolume', minutes: 5 }, { ...window, candles })).toBeCloseTo(Math.log((6 + 8 + 10) / 3), 9)
    expect(one({ kind: 'candleShare', of: 'range' }, { ...window, candles })).toBeCloseTo(0.6, 12)
    expect(one({ kind: 'logVolume', minutes: 5 })).toBeNaN()
  })

  it('the week curve finds the hour that is always lively, in the past and ahead', () => {
    const lively = (i: number) => Math.floor((i % weekMinutes) / 60) === 20
    let price = 100
    const minutes = 2 * weekMinutes + 1_000
    const made = Float64Array.from({ length: minutes }, (_, i) => {
      price *= Math.exp((i % 2 === 0 ? 1 : -1) * (lively(i) ? 0.004 : 0.001))
      return price
    })
    const manifest = aManifest({
      inputs: [{ tensor: 'ahead', kind: 'ahead', features: [{ kind: 'weekCurve', minutes: 10 }] }],
      grid: { stepSeconds: 3_600, steps: 6 },
    })
    // The window ends 1000 minutes into its third week; the lively hour is from 1200 to 1260.
    const answer = buildInputs(manifest, { asset: 'BTC', startAtMs: endsAtMs }, { closes: made, endsAtMs })
    const values = answer.ok ? Array.from(answer.tensors[0]!.values) : []
    const usual = Math.log((167 + 16) / 168)
    expect(values[3]).toBeCloseTo(Math.log(16) - usual, 2)
    expect(values[0]).toBeCloseTo(-usual, 2)
    expect(values[5]).toBeCloseTo(-usual, 2)
  })

  it('the session is that of the exchange, without its holidays', () => {
    const at = (iso: string) =>
      featureColumn({ kind: 'inSession' }, { ...window, endsAtMs: Date.parse(iso) }, { rows: 1, stepMinutes: 2 })[0]
    expect(at('2026-09-23T13:30:00Z')).toBe(0)
    expect(at('2026-09-23T13:32:00Z')).toBe(1)
    expect(at('2026-09-23T20:02:00Z')).toBe(0)
    expect(at('2026-09-26T15:00:00Z')).toBe(0)
    expect(at('2026-11-26T16:00:00Z')).toBe(0)
  })

  it('an announcement is near within its hours', () => {
    const at = (iso: string) =>
      featureColumn(
        { kind: 'nearEvent', hours: 2 },
        { ...window, endsAtMs: Date.parse(iso) },
        { rows: 1, stepMinutes: 2 },
      )[0]
    expect(at('2026-09-16T18:01:00Z')).toBe(1)
    expect(at('2026-09-16T17:01:00Z')).toBeCloseTo(0.5, 12)
    expect(at('2026-09-16T20:01:00Z')).toBe(0)
  })
})
