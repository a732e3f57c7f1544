import { describe, expect, it } from 'vitest'
import { dayMs } from '#core/base/time/units'
import { aGovernanceLab, labStartMs } from '#tests/support/governance-lab'
import { servedBy } from '#tests/support/served-by'
import { type DiagnosisFacts, suggestChanges } from './suggestion.ts'

const quiet: DiagnosisFacts = {
  ...{ asset: 'BTC', horizon: 'low', promptCount: 200, against: 'field', totalRatio: 1, baseline: 'reference' },
  ...{ shortRatio: 1, longRatio: 1, coverage95: { share: 0.95, low: 0.94, high: 0.96 }, varianceRatio: 1 },
  longCoverage95: undefined,
  alternatives: [],
}

const suggest = (...facts: DiagnosisFacts[]) => suggestTo('ewma', ...facts)

function suggestTo(model: string, ...facts: DiagnosisFacts[]) {
  const { state, settings } = aGovernanceLab()
  const served = servedBy(model)
  const given = { nowMs: labStartMs + 20 * dayMs, minerStartedAtMs: labStartMs, settings, served }
  return suggestChanges(state(), facts, given).map(({ asset, parameter, newValue }) => [
    asset,
    parameter.name,
    newValue,
  ])
}

describe('suggestChanges, of a miner that the EWMA serves', () => {
  it('suggests nothing when no group differs, when there are few prompts, and when we are ahead', () => {
    expect(suggest(quiet)).toEqual([])
    const bad = { ...quiet, shortRatio: 1.5 }
    expect(suggest({ ...bad, promptCount: 9 })).toEqual([])
    expect(suggest({ ...bad, totalRatio: 0.9 })).toEqual([])
  })
  it('suggests a faster memory for short intervals that lag, on a step that float arithmetic would miss', () => {
    expect(suggest({ ...quiet, shortRatio: 1.05 })).toEqual([['BTC', 'lambda', 0.93]])
    expect(suggest({ ...quiet, asset: 'ETH', shortRatio: 1.05 })).toEqual([['ETH', 'lambda', 0.92]])
  })
  it('suggests other tails only when chance does not explain the coverage', () => {
    const covered = (share: number, band: number) =>
      suggest({ ...quiet, coverage95: { share, low: share - band, high: share + band } })
    expect(covered(0.91, 0.01)).toEqual([['BTC', 'df', 4]])
    expect(covered(0.98, 0.005)).toEqual([['BTC', 'df', 6]])
    expect(covered(0.91, 0.05)).toEqual([])
  })
  it('suggests a lower cap where long intervals lag and are too wide, not where they are too narrow', () => {
    expect(suggest({ ...quiet, longRatio: 1.1, varianceRatio: 0.8 })).toEqual([['BTC', 'sigma_cap_daily', 0.09]])
    expect(suggest({ ...quiet, longRatio: 1.1, varianceRatio: 1.3 })).toEqual([])
  })
  it('suggests the hour-long factor by the variance that came', () => {
    expect(suggest({ ...quiet, horizon: 'high', varianceRatio: 0.7 })).toEqual([['BTC', 'shrink_high', 0.8]])
    expect(suggest({ ...quiet, horizon: 'high', varianceRatio: 1.4 })).toEqual([['BTC', 'shrink_high', 1]])
  })
  it('suggests the best of those models that are better beyond chance', () => {
    const alternative = (model: string, difference: number, spread: number) => ({
      ...{ model, relativeDifference: difference },
      interval: [difference - spread, difference + spread] as const,
    })
    const alternatives = [
      alternative('seed', -0.05, 0.1),
      alternative('ewma', -0.02, 0.01),
      alternative('blend', -0.03, 0.01),
    ]
    expect(suggest({ ...quiet, totalRatio: 0.9, alternatives })).toEqual([['BTC', 'champion_low', 'blend']])
  })
  it('speaks of each asset for itself, and of a parameter once', () => {
    const short = { ...quiet, shortRatio: 1.05 }
    expect(suggest(short, { ...short, horizon: 'high' }, { ...short, asset: 'SOL' })).toEqual([
      ['BTC', 'lambda', 0.93],
      ['SOL', 'lambda', 0.89],
    ])
  })
  it('stops at the bounds, and says what stands against a change now', () => {
    expect(suggest({ ...quiet, asset: 'X', horizon: 'high', varianceRatio: 1.4 })).toEqual([['X', 'shrink_high', 1.1]])
    const { state, settings } = aGovernanceLab()
    const given = {
      nowMs: labStartMs,
      minerStartedAtMs: labStartMs,
      served: servedBy('ewma'),
      settings: { ...settings, limits: { BTC: { lambda: { min: 0.94 } } } },
    }
    expect(suggestChanges(state(), [{ ...quiet, shortRatio: 1.05 }], given)).toEqual([])
    const early = { ...given, settings }
    expect(suggestChanges(state(), [{ ...quiet, shortRatio: 1.05 }], early)[0]?.obstacles).toMatchObject([
      { kind: 'firstDays' },
    ])
  })
})

describe('suggestChanges, of a miner that the calibrated model serves', () => {
  const calibrated = (change: Partial<DiagnosisFacts>) => suggestTo('calibrated', { ...quiet, ...change })
  const covered = (share: number) => ({ share, low: share - 0.005, high: share + 0.005 })
  it('names numbers of that model, at the horizon that was seen', () => {
    expect(calibrated({ shortRatio: 1.05 })).toEqual([['BTC', 'memory_low', 0.1]])
    expect(calibrated({ shortRatio: 1.05, horizon: 'high' })).toEqual([['BTC', 'memory_high', 0.1]])
    expect(calibrated({ coverage95: covered(0.91) })).toEqual([['BTC', 'tail_low', 1.1]])
    expect(calibrated({ coverage95: covered(0.98) })).toEqual([['BTC', 'tail_low', 0.9]])
    expect(calibrated({ varianceRatio: 1.3 })).toEqual([['BTC', 'level_low', 1.05]])
    expect(calibrated({ varianceRatio: 0.7, horizon: 'high' })).toEqual([['BTC', 'level_high', 0.95]])
    expect(calibrated({ longRatio: 1.1, varianceRatio: 0.9 })).toEqual([['BTC', 'level_low', 0.95]])
  })
  it('takes the level for wrong while the width is, and the uncertainty of it by the long intervals after that', () => {
    expect(calibrated({ varianceRatio: 1.3, coverage95: covered(0.9) })).toEqual([['BTC', 'level_low', 1.05]])
    expect(calibrated({ longCoverage95: covered(0.9) })).toEqual([['BTC', 'level_sd_low', 1.1]])
    expect(calibrated({ longCoverage95: covered(0.99) })).toEqual([['BTC', 'level_sd_low', 0.9]])
  })
  it('says nothing about numbers to a miner that a model file serves', () => {
    expect(suggestTo('onnx:hour', { ...quiet, shortRatio: 1.5, varianceRatio: 2 })).toEqual([])
  })
})
