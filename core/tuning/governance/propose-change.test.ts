import { describe, expect, it } from 'vitest'
import { dayMs } from '#core/base/time/units'
import { aGovernanceLab, codeOf, labStartMs } from '#tests/support/governance-lab'
import { servedBy } from '#tests/support/served-by'
import { findObstacles } from './eligibility.ts'
import { parametersOf, statusOf } from './governance-state.ts'
import { toParameter } from './parameter-catalogue.ts'

const lambda = toParameter('lambda')!

describe('the waits', () => {
  it('lets nothing through before the miner ever ran', () => {
    const { propose } = aGovernanceLab({ started: false })
    const gate = propose('BTC', 'lambda', 0.93)
    expect(gate).toMatchObject({ ok: false, refusal: { code: 'CHANGE_TOO_EARLY' } })
  })
  it('lets the first change through fourteen days after the start, and not a millisecond before', async () => {
    const { propose, clock, days } = aGovernanceLab()
    await days(14)
    await clock.advance(-1)
    expect(propose('BTC', 'lambda', 0.93)).toMatchObject({
      refusal: {
        code: 'CHANGE_TOO_EARLY',
        message: 'The miner first ran on 2026-09-01; the first change may come 14 days later, on 2026-09-15 12:00 UTC.',
      },
    })
    await clock.advance(1)
    expect(codeOf(propose('BTC', 'lambda', 0.93))).toBe('ok')
  })
  it('wants thirty days between two changes of an asset, whichever parameter, and whatever became of the first', async () => {
    const { propose, revert, days, clock } = aGovernanceLab()
    await days(20)
    propose('BTC', 'lambda', 0.93)
    await days(1)
    expect(revert(1)).toBe('ok')
    await days(29)
    await clock.advance(-1)
    expect(codeOf(propose('BTC', 'df', 6))).toBe('CHANGE_TOO_EARLY')
    expect(codeOf(propose('ETH', 'df', 6))).toBe('ok')
    await clock.advance(1)
    expect(codeOf(propose('BTC', 'df', 6))).toBe('ok')
  })
  it('counts the thirty days for each parameter where the operator chose so; the observation still blocks the asset', async () => {
    const { propose, revert, days } = aGovernanceLab({ mode: 'perParameter' })
    await days(20)
    propose('BTC', 'lambda', 0.93)
    expect(codeOf(propose('BTC', 'df', 6))).toBe('CHANGE_IN_OBSERVATION')
    await days(1)
    revert(1)
    expect(codeOf(propose('BTC', 'lambda', 0.93))).toBe('CHANGE_TOO_EARLY')
    expect(codeOf(propose('BTC', 'df', 6))).toBe('ok')
  })
  it('lets the daily cap change once a quarter, on top of all else', async () => {
    const { propose, revert, days } = aGovernanceLab()
    await days(20)
    propose('BTC', 'sigma_cap_daily', 0.11)
    revert(1)
    await days(31)
    expect(propose('BTC', 'sigma_cap_daily', 0.11)).toMatchObject({
      refusal: { code: 'CHANGE_TOO_EARLY', message: expect.stringContaining('90 days') as string },
    })
    expect(codeOf(propose('BTC', 'lambda', 0.93))).toBe('ok')
    revert(2)
    await days(59)
    expect(codeOf(propose('BTC', 'sigma_cap_daily', 0.11))).toBe('ok')
  })
  it('keeps an asset closed until the verdict is written, however late that is', async () => {
    const { propose, days, state, clock } = aGovernanceLab()
    await days(20)
    propose('BTC', 'lambda', 0.93)
    await days(100)
    expect(codeOf(propose('BTC', 'lambda', 0.92))).toBe('CHANGE_IN_OBSERVATION')
    const question = { asset: 'BTC', parameter: lambda, nowMs: clock.nowMs(), minerStartedAtMs: labStartMs }
    expect(findObstacles(state(), { ...question, mode: 'perAsset' })).toMatchObject([
      { kind: 'observation', changeId: 1, untilMs: undefined },
    ])
  })
  it('writes nothing while the clock stands before the last entry', async () => {
    const { propose, days, ledger, clock } = aGovernanceLab()
    await days(20)
    propose('BTC', 'lambda', 0.93)
    await clock.advance(-dayMs)
    expect(codeOf(propose('ETH', 'lambda', 0.92))).toBe('LEDGER_CLOCK_BEHIND')
    expect(ledger.read()).toHaveLength(1)
  })
})

describe('the value', () => {
  it('must differ, lie within the bounds and within one step', async () => {
    const { propose, days, ledger } = aGovernanceLab()
    await days(20)
    expect(codeOf(propose('BTC', 'lambda', 0.94))).toBe('CHANGE_WITHOUT_EFFECT')
    expect(codeOf(propose('BTC', 'lambda', 0.9299))).toBe('CHANGE_STEP_TOO_LARGE')
    expect(codeOf(propose('BTC', 'lambda', 1))).toBe('CHANGE_OUT_OF_BOUNDS')
    expect(codeOf(propose('AAPLX', 'sigma_cap_daily', 0))).toBe('CHANGE_OUT_OF_BOUNDS')
    expect(codeOf(propose('BTC', 'blend_low.calibrated', 0.9))).toBe('PARAMETER_VALUE_INVALID')
    expect(codeOf(propose('BTC', 'blend_low.ewma', 0.2))).toBe('CHANGE_STEP_TOO_LARGE')
    expect(ledger.read()).toEqual([])
  })
  it('lets each share that serves move by one step, and none of those that do not be bound by it', async () => {
    const { propose, days, state } = aGovernanceLab()
    await days(20)
    expect(codeOf(propose('BTC', 'blend_low', 'calibrated=0.8,ewma=0.2'))).toBe('CHANGE_STEP_TOO_LARGE')
    expect(codeOf(propose('BTC', 'blend_low', 'calibrated=1'))).toBe('CHANGE_WITHOUT_EFFECT')
    expect(codeOf(propose('BTC', 'blend_low', 'calibrated=0.9,ewma=0.06,seed=0.04'))).toBe('ok')
    expect(parametersOf(state(), 'BTC').blend.low).toEqual({ calibrated: 0.9, ewma: 0.06, seed: 0.04 })
    const unserved = aGovernanceLab({ served: servedBy('calibrated') })
    await unserved.days(20)
    expect(codeOf(unserved.propose('BTC', 'blend_low', 'ewma=0.5,seed=0.5'))).toBe('ok')
    expect(statusOf(unserved.state().changes[0]!)).toBe('kept')
  })
  it('is what everybody reads from the next full minute on', async () => {
    const { propose, days, state, clock } = aGovernanceLab()
    await days(20)
    await clock.advance(30_000)
    propose('BTC', 'champion_high', 'ewma')
    const boundaryMs = clock.nowMs() + 30_000
    expect(parametersOf(state(), 'BTC', boundaryMs - 1).champion.high).toBe('calibrated')
    expect(parametersOf(state(), 'BTC', boundaryMs).champion).toEqual({ low: 'calibrated', high: 'ewma' })
  })
  it.each(['', '   ', 'two\nlines', 'a\u001b[31mcolour', 'x'.repeat(501)])(
    'needs a reason in one line, not %j',
    async (reason) => {
      const { propose, days } = aGovernanceLab()
      await days(20)
      expect(codeOf(propose('BTC', 'lambda', 0.93, { reason }))).toBe('REASON_INVALID')
    },
  )
})

describe('undoing', () => {
  it('brings the previous value back, at once and without a wait, but only once', async () => {
    const { propose, revert, days, state } = aGovernanceLab()
    await days(20)
    propose('BTC', 'lambda', 0.93)
    expect(revert(1)).toBe('ok')
    expect(parametersOf(state(), 'BTC').lambda).toBe(0.94)
    expect(revert(1)).toBe('CHANGE_NOT_REVERTIBLE')
    expect(revert(2)).toBe('CHANGE_UNKNOWN')
  })
  it('brings back the weights of the whole blend', async () => {
    const { propose, revert, days, state } = aGovernanceLab()
    await days(20)
    propose('BTC', 'blend_low.ewma', 0.1)
    expect(parametersOf(state(), 'BTC').blend.low).toEqual({ calibrated: 0.9, ewma: 0.1 })
    revert(1)
    expect(parametersOf(state(), 'BTC').blend.low).toEqual({ calibrated: 1 })
  })
  it('refuses what others were built on', async () => {
    const { propose, revert, days, ledger, clock } = aGovernanceLab()
    const keep = (changeId: number) =>
      ledger.append(() => [
        {
          ...{ kind: 'verdict', asset: 'BTC', changeId, atMs: clock.nowMs() },
          body: {
            ...{ decision: 'kept', assessment: 'unchanged', comparison: null, by: 'daemon', reason: 'over' },
            effectiveAtMs: null,
          },
        },
      ])
    await days(20)
    propose('BTC', 'lambda', 0.93)
    keep(1)
    await days(30)
    propose('BTC', 'lambda', 0.92)
    expect(revert(1)).toBe('CHANGE_NOT_REVERTIBLE')
    keep(2)
    expect(revert(1)).toBe('CHANGE_NOT_REVERTIBLE')
    expect(revert(2)).toBe('ok')
    expect(revert(1)).toBe('ok')
  })
})
