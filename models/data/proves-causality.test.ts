import { describe, expect, it } from 'vitest'
import { dayMs, minuteMs } from '#core/base/time/units'
import { featureExamples } from '#tests/support/features/feature-examples'
import { dataPorts } from '#tests/support/models/data-ports'
import { features } from '#tests/support/onnx-models'
import type { BarSeries } from './bar-series.ts'
import { baselineVariances, fitBaseline } from './baseline.ts'
import { Dataset } from './dataset.ts'
import { inputFactsOf } from './input-facts.ts'
import { loadSeries } from './load-series.ts'
import { provesCausality } from './proves-causality.ts'
import { knownUntilMs } from './windows.ts'

const made = await loadSeries(dataConfig(), ['BTC', 'ETH'], dataPorts)
const series = made.ok ? made.series : []
const startAtMs = series[0]!.firstOpenMs + 12 * dayMs + 17 * minuteMs
const window = { asset: 'BTC', startAtMs }
const knownMs = knownUntilMs(series[0]!, startAtMs)
const grid = { stepSeconds: 300, steps: 288 }

function dataConfig() {
  const rest = { dayVolatility: 0.03, daySwing: 0.5, regimeHours: 36, regimeLogSd: 0.4 }
  return { use: 'mock', seed: 1, days: 14, stepSeconds: 60, ...rest } as const
}

function columnOf(feature: { kind: string }, of: readonly BarSeries[], atMs = startAtMs): Float32Array {
  const inputs = { rows: 12, stepSeconds: 300, past: [feature], ahead: [], baseline: false }
  const facts = inputFactsOf({ assets: ['BTC'], horizon: 'low', grid, inputs }, features, 0.2)
  const answer = new Dataset(of, facts).inputs({ ...window, startAtMs: atMs })
  if (!answer.ok) throw new Error(answer.reason)
  return answer.tensors.get('past')!
}

describe.each(featureExamples)('$kind', (feature) => {
  it('is the same whatever comes later', () => {
    expect(provesCausality({ series, knownUntilMs: knownMs, compute: (of) => columnOf(feature, of) })).toEqual({
      ok: true,
    })
  })
})

describe('the calibrated forecast', () => {
  const shape = { ...grid }
  const forecast = (of: readonly BarSeries[], fittedMs: number): Float64Array => {
    const fitted = fitBaseline(of[0]!, 'low', fittedMs)
    if (!fitted.ok) throw new Error(fitted.reason)
    return baselineVariances(of[0]!, [window], fitted.parameters, 'low', shape)[0]!
  }
  it('is the same whatever comes later, with parameters fitted before', () => {
    const compute = (of: readonly BarSeries[]) => forecast(of, startAtMs)
    expect(provesCausality({ series, knownUntilMs: startAtMs, compute })).toEqual({ ok: true })
  })
  it('knows too much with parameters that were fitted later', () => {
    const compute = (of: readonly BarSeries[]) => forecast(of, startAtMs + dayMs)
    expect(provesCausality({ series, knownUntilMs: startAtMs, compute })).toMatchObject({ ok: false })
  })
})

describe('a leak', () => {
  it.each(featureExamples.filter(({ kind }) => features.list().find(({ name }) => name === kind)!.source === 'market'))(
    'of one minute into $kind is found',
    (feature) => {
      const compute = (of: readonly BarSeries[]) => columnOf(feature, of, startAtMs + minuteMs)
      expect(provesCausality({ series, knownUntilMs: knownMs, compute })).toMatchObject({ ok: false })
    },
  )
  it('through a mean over everything is found', () => {
    const compute = ([btc]: readonly BarSeries[]) => {
      const known = btc!.close.filter((close) => close > 0)
      const mean = known.reduce((sum, close) => sum + close, 0) / known.length
      return btc!.close.subarray(0, 10).map((close) => close - mean)
    }
    expect(provesCausality({ series, knownUntilMs: knownMs, compute })).toMatchObject({
      ok: false,
      edit: 'three times the price',
      index: 0,
    })
  })
  it('through the number of values is found', () => {
    const compute = ([btc]: readonly BarSeries[]) => btc!.close.filter((close) => close > 0).subarray(-1)
    expect(provesCausality({ series, knownUntilMs: knownMs, compute })).toMatchObject({ ok: false })
  })
})
