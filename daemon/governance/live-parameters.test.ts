import { describe, expect, it } from 'vitest'
import { StoreError } from '#core/base/errors/app-error'
import { dayMs, minuteMs } from '#core/base/time/units'
import { aGovernanceLab } from '#tests/support/governance-lab'
import { LiveParameters, startLiveParameters } from './live-parameters.ts'

async function aMiner() {
  const lab = aGovernanceLab()
  await lab.days(20)
  const running = startLiveParameters(lab)
  return { ...lab, ...running }
}

describe('live parameters', () => {
  it('take an approved value at the next full minute, without a restart, and log it once', async () => {
    const { clock, ledger, log, parameters, propose, stop } = await aMiner()
    await clock.advance(20_000)
    propose('BTC', 'lambda', 0.93)
    await clock.advance(39_999)
    expect(parameters.inForce().of('BTC').lambda).toBe(0.94)
    await clock.advance(1)
    expect(parameters.inForce().of('BTC').lambda).toBe(0.93)
    expect(parameters.inForce().revision).toBe(1)
    await clock.advance(600_000)
    expect(log.entries.filter(({ event }) => event === 'parameters.applied')).toMatchObject([
      { revision: 1, changeId: 1, what: 'change', asset: 'BTC', parameter: 'lambda', from: 0.94, to: 0.93 },
    ])
    expect(log.entries.at(-1)).toMatchObject({ ledgerHash: ledger.head().hash })
    await stop()
  })
  it('write into the ledger when the miner took a change, and when it took it back', async () => {
    const { clock, parameters, propose, revert, state, stop } = await aMiner()
    propose('BTC', 'lambda', 0.93)
    await clock.advance(60_000)
    const takenAtMs = clock.nowMs()
    await clock.advance(90_000)
    revert(1)
    await clock.advance(60_000)
    expect(state().changes[0]).toMatchObject({ appliedAtMs: takenAtMs, revertAppliedAtMs: takenAtMs + 120_000 })
    expect(parameters.inForce().of('BTC').lambda).toBe(0.94)
    expect(parameters.inForce().revision).toBe(2)
    await stop()
  })
  it('never change what a forecast holds, and none of it can be written to', async () => {
    const { clock, parameters, propose, stop } = await aMiner()
    const held = parameters.inForce()
    const before = held.of('BTC')
    propose('BTC', 'champion_low', 'ewma')
    propose('ETH', 'df', 6)
    await clock.advance(60_000)
    expect(held.of('BTC')).toBe(before)
    expect([held.of('ETH').df, held.revision]).toEqual([5, 0])
    expect(parameters.inForce().of('BTC').champion.low).toBe('ewma')
    expect(parameters.inForce().of('ETH').df).toBe(6)
    expect(() => Object.assign(before, { lambda: 0.5 })).toThrow(TypeError)
    expect(() => Object.assign(before.blend.low, { ewma: 1 })).toThrow(TypeError)
    await stop()
  })
  it('change both or none of two values that were let through in the same minute', async () => {
    const { clock, parameters, propose, stop } = await aMiner()
    propose('BTC', 'lambda', 0.93)
    propose('ETH', 'lambda', 0.92)
    const seen = new Set<string>()
    for (let i = 0; i < 120; i += 1) {
      await clock.advance(1_000)
      const { of } = parameters.inForce()
      seen.add(`${of('BTC').lambda} ${of('ETH').lambda}`)
    }
    expect([...seen]).toEqual(['0.94 0.93', '0.93 0.92'])
    await stop()
  })
  it('know the previous champion, until its successor is undone', async () => {
    const { clock, parameters, propose, revert, stop } = await aMiner()
    expect(parameters.inForce().previousChampion('BTC', 'high')).toBeUndefined()
    propose('BTC', 'champion_high', 'ewma')
    await clock.advance(60_000)
    expect(parameters.inForce().previousChampion('BTC', 'high')).toBe('calibrated')
    expect(parameters.inForce().previousChampion('BTC', 'low')).toBeUndefined()
    revert(1)
    await clock.advance(60_000)
    expect(parameters.inForce().previousChampion('BTC', 'high')).toBeUndefined()
    await stop()
  })
  it('never use a change that was undone within its minute, and say nothing of it', async () => {
    const { clock, log, parameters, propose, revert, stop } = await aMiner()
    propose('BTC', 'lambda', 0.93)
    revert(1)
    await clock.advance(120_000)
    expect(parameters.inForce().of('BTC').lambda).toBe(0.94)
    expect(log.events()).toEqual(['parameters.loaded'])
    await stop()
  })
  it('go on with what they have while the ledger cannot be read, and are hurt only when that lasts', async () => {
    const { clock, log, ledger, propose } = aGovernanceLab()
    await clock.advance(20 * dayMs)
    const failing = {
      head: () => ledger.head(),
      read: () => ledger.read(),
      appendAfter: ledger.appendAfter.bind(ledger),
    }
    const parameters = new LiveParameters({ clock, log, ledger: failing })
    propose('BTC', 'lambda', 0.93)
    failing.head = () => {
      throw new StoreError('LEDGER_BUSY', 'another process holds the database')
    }
    for (let minute = 1; minute <= 3; minute += 1) {
      expect(parameters.health().state).toBe('ok')
      parameters.refresh(clock.nowMs() + minute * minuteMs)
    }
    expect(parameters.inForce().of('BTC').lambda).toBe(0.94)
    expect(parameters.health()).toMatchObject({ state: 'degraded' })
    expect(log.events()).toEqual(Array(3).fill('parameters.refresh_failed'))
    failing.head = () => ledger.head()
    parameters.refresh(clock.nowMs() + 240_000)
    expect(parameters.inForce().of('BTC').lambda).toBe(0.93)
    expect(parameters.health().state).toBe('ok')
  })
  it('stay with what was taken when the clock is set back', async () => {
    const { clock, parameters, propose, stop } = await aMiner()
    propose('BTC', 'lambda', 0.93)
    await clock.advance(60_000)
    await stop()
    parameters.refresh(clock.nowMs() - 3_600_000)
    expect(parameters.inForce().of('BTC').lambda).toBe(0.93)
  })
})
