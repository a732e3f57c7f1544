import { describe, expect, it } from 'vitest'
import { dayMs, hourMs, minuteMs } from '#core/base/time/units'
import { CalibratedModel } from '#core/forecast/models/calibrated'
import { emptyState } from '#core/forecast/models/states/empty-state'
import type { Horizon } from '#core/synth/prompts/horizon'
import { dataPorts } from '#tests/support/models/data-ports'
import { publishedSets } from '#tests/support/published-sets'
import { hasShared, sharedPath, skippedWithoutShared } from '#tests/support/shared-files'
import type { BarSeries } from './bar-series.ts'
import { baselineVariances, fitBaseline } from './baseline.ts'
import { loadSeries } from './load-series.ts'

const rest = { dayVolatility: 0.03, daySwing: 0.5, regimeHours: 36, regimeLogSd: 0.4 }
const made = await loadSeries({ use: 'mock', seed: 1, days: 14, stepSeconds: 60, ...rest }, ['BTC'], dataPorts)
const minutes = made.ok ? made.series[0]! : undefined!
const grids = { low: { stepSeconds: 300, steps: 288 }, high: { stepSeconds: 60, steps: 60 } }
const sets = publishedSets()
const windowsAt = (...startsMs: number[]) => startsMs.map((startAtMs) => ({ asset: 'BTC', startAtMs }))
const afterDays = (days: number): number => minutes.firstOpenMs + days * dayMs + 7 * minuteMs
const fiveMinutes = (series: BarSeries): BarSeries => ({
  ...series,
  stepSeconds: 300,
  close: series.close.filter((_, i) => i % 5 === 4),
})

describe.each(['low', 'high'] as const)('the calibrated forecast of the past, %s', (horizon: Horizon) => {
  const grid = grids[horizon]
  const { parameters } = sets.find('BTC', horizon)!
  const variances = (series: BarSeries, ...startsMs: number[]) =>
    baselineVariances(series, windowsAt(...startsMs), parameters, horizon, grid)

  it('is that of a miner which had read every minute that was over a minute before the start', () => {
    const starts = [5, 9.4, 13].map(afterDays)
    const walked = variances(minutes, ...starts)
    for (const [i, startAtMs] of starts.entries()) {
      const state = emptyState('BTC', { lambda: 0.94, sets })
      state.take(minutes.firstOpenMs, minutes.close.subarray(0, (startAtMs - minutes.firstOpenMs) / minuteMs - 1))
      const model = new CalibratedModel(() => state.memories.get(horizon)!.memory)
      const answer = model.forecast({ asset: 'BTC', startAtMs, stepSeconds: grid.stepSeconds, stepCount: grid.steps })
      expect(answer.ok && answer.forecast[0].process.stepVariances).toEqual(walked[i])
    }
  })

  it('remembers nothing from before a border', () => {
    const border = 6 * 1_440
    const joined = {
      ...minutes,
      close: minutes.close.map((close, i) => (i < border ? 3 * close : close)),
      segmentStarts: [0, border],
    }
    const alone = {
      ...minutes,
      firstOpenMs: minutes.firstOpenMs + border * minuteMs,
      close: minutes.close.subarray(border),
    }
    expect(variances(joined, afterDays(5), afterDays(8)).at(-1)).toEqual(variances(alone, afterDays(8))[0])
    expect(variances(joined, afterDays(6))).toEqual([undefined])
  })
})

describe('the fit', () => {
  it('is the same from minutes and from the bars of its own steps', () => {
    const until = afterDays(12)
    expect(fitBaseline(fiveMinutes(minutes), 'low', until)).toEqual(fitBaseline(minutes, 'low', until))
  })
  it('takes no move across a border', () => {
    const border = 6 * 1_440 + 2
    const jump = (factor: number) => ({
      ...minutes,
      close: minutes.close.map((close, i) => (i < border ? factor * close : close)),
      segmentStarts: [0, border],
    })
    const curveOf = (factor: number) => {
      const fitted = fitBaseline(jump(factor), 'low', afterDays(13))
      return fitted.ok && fitted.parameters.model.curve.blocks
    }
    expect(curveOf(4)).toEqual(curveOf(1))
  })
  it('says what is missing', () => {
    expect(fitBaseline(minutes, 'low', afterDays(3))).toEqual({
      ok: false,
      reason: 'BTC: 865 prices of 300 s, but 2880 are needed',
    })
  })
})

describe.skipIf(!hasShared)(`real prices${skippedWithoutShared}`, () => {
  it('of two years give thousands of forecasts at once', async () => {
    const loaded = await loadSeries(
      { use: 'csv', folder: sharedPath('market'), stepSeconds: 300, gaps: 'error' },
      ['BTC'],
      dataPorts,
    )
    const [series] = loaded.ok ? loaded.series : []
    const starts = Array.from({ length: 3_000 }, (_, i) => series!.firstOpenMs + 30 * dayMs + i * 4 * hourMs)
    const { parameters } = sets.find('BTC', 'low')!
    const made = baselineVariances(series!, windowsAt(...starts), parameters, 'low', grids.low)
    expect(made.every((variances) => variances?.every((variance) => variance > 0))).toBe(true)
  })
})
