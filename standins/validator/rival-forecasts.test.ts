import { describe, expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import { meanStepVariances } from '#core/forecast/paths/process-parameters'
import { referenceHourlySd } from '#core/synth/regimes/table/reference-sds'
import { rivalForecasts } from './rival-forecasts.ts'

const startAtMs = Date.UTC(2026, 9, 20, 15)
const hour = { startAtMs, stepSeconds: 60, stepCount: 60 }

/** A day of minutes whose returns alternate between up and down by so much. */
function closes(minuteSd: number, count = 1440) {
  return Array.from({ length: count }, (_, i) => ({
    close: 100 * Math.exp(i % 2 === 0 ? 0 : minuteSd),
    atMs: startAtMs - (count - i) * minuteMs,
  }))
}

const minuteSdOf = (name: string, rivals: ReturnType<typeof rivalForecasts>) =>
  Math.sqrt(meanStepVariances(rivals.find((rival) => rival.name === name)!.forecast)[0]!)

describe('rivalForecasts', () => {
  it('has the reference at its fixed volatility and the seed at what the minutes show', () => {
    const calm = rivalForecasts({ asset: 'BTC', ...hour }, closes(0.0004))
    const wild = rivalForecasts({ asset: 'BTC', ...hour }, closes(0.0008))
    expect(minuteSdOf('reference', calm)).toBeCloseTo(referenceHourlySd['BTC']! / Math.sqrt(60), 9)
    expect(minuteSdOf('reference', wild)).toBe(minuteSdOf('reference', calm))
    expect(minuteSdOf('seed', wild) / minuteSdOf('seed', calm)).toBeCloseTo(2, 2)
    expect(wild.map(({ name, flatFirstPath }) => [name, flatFirstPath])).toEqual([
      ['reference', false],
      ['seed', true],
    ])
  })

  it('forgets volatility older than an hour', () => {
    const quietAtLast = [...closes(0.01, 1200), ...closes(0.0004, 240)].map((point, i) => ({
      ...point,
      atMs: startAtMs - (1440 - i) * minuteMs,
    }))
    const ratio =
      minuteSdOf('seed', rivalForecasts({ asset: 'BTC', ...hour }, quietAtLast)) /
      minuteSdOf('seed', rivalForecasts({ asset: 'BTC', ...hour }, closes(0.0004)))
    expect(ratio).toBeGreaterThan(0.99)
    expect(ratio).toBeLessThan(1.01)
  })

  it('leaves out the miner that has no rule for an asset, and does without minutes', () => {
    expect(rivalForecasts({ asset: 'SPCX', ...hour }, closes(0.001)).map(({ name }) => name)).toEqual(['seed'])
    expect(rivalForecasts({ asset: 'BTC', ...hour }, [])).toHaveLength(2)
  })
})
