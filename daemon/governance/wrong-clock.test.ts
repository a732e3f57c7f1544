import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { dayMs, minuteMs } from '#core/base/time/units'
import { correctEntries, correctStart } from '#core/tuning/governance/correct-clock'
import { minerStartOf } from '#core/tuning/governance/governance-state'
import { verifyLedger } from '#core/tuning/governance/verify-ledger'
import { aGovernanceLab, codeOf, labStartMs } from '#tests/support/governance-lab'
import { LiveParameters } from './live-parameters.ts'

const yearMs = 365 * dayMs
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

async function aLab() {
  const lab = aGovernanceLab()
  await lab.days(20)
  const correctTime = (wasMs?: number) =>
    lab.correct((entries) => correctEntries(entries, { nowMs: lab.clock.nowMs(), wasMs, reason: 'a test' }))
  const sound = () => verifyLedger(lab.ledger, sha256)
  return { ...lab, correctTime, sound }
}

describe('a ledger that a wrong clock wrote', () => {
  it('takes an entry that corrects the time, after which all works, with an unbroken chain', async () => {
    const lab = await aLab()
    lab.clock.wallOffsetMs = yearMs
    expect(codeOf(lab.propose('BTC', 'lambda', 0.93))).toBe('ok')
    lab.clock.wallOffsetMs = 0
    await lab.clock.advance(minuteMs)
    expect(lab.revert(1)).toBe('LEDGER_CLOCK_BEHIND')
    const live = new LiveParameters({ ledger: lab.ledger, clock: lab.clock, log: lab.log })
    expect(live.health()).toMatchObject({ state: 'degraded', hint: expect.stringContaining('correct-time') as string })

    expect(lab.correctTime()).toBe('ok')
    expect(lab.sound()).toMatchObject({ isSound: true, problems: [] })
    expect(lab.state().changes[0]).toMatchObject({ proposedAtMs: lab.clock.nowMs() })
    expect(lab.state().changes[0]!.effectiveAtMs - lab.clock.nowMs()).toBeLessThanOrEqual(minuteMs)
    expect(lab.revert(1)).toBe('ok')
    expect(lab.correctTime()).toBe('nothing')
    // The wait of thirty days counts from the right time.
    await lab.days(29)
    expect(codeOf(lab.propose('BTC', 'lambda', 0.93))).toBe('CHANGE_TOO_EARLY')
    await lab.days(2)
    expect(codeOf(lab.propose('BTC', 'lambda', 0.93))).toBe('ok')
    expect(lab.sound()).toMatchObject({ isSound: true, entryCount: 4 })
    live.refresh(lab.clock.nowMs())
    expect(live.health().state).toBe('ok')
  })

  it('keeps the distances between the entries, and the order of all', async () => {
    const lab = await aLab()
    expect(codeOf(lab.propose('ETH', 'lambda', 0.92))).toBe('ok')
    await lab.days(1)
    lab.clock.wallOffsetMs = yearMs
    expect(codeOf(lab.propose('BTC', 'lambda', 0.93))).toBe('ok')
    await lab.days(2)
    expect(codeOf(lab.propose('SPYX', 'lambda', 0.97))).toBe('ok')
    lab.clock.wallOffsetMs = 0
    const wasMs = lab.clock.nowMs()
    await lab.days(3)
    expect(lab.correctTime(wasMs)).toBe('ok')
    const [eth, btc, sol] = lab.state().changes.map(({ proposedAtMs }) => (proposedAtMs - wasMs) / dayMs)
    expect([eth, btc, sol]).toEqual([-3, -2, 0])
    expect(lab.sound().isSound).toBe(true)
    expect(lab.correctTime(lab.clock.nowMs() + 1)).toBe('LEDGER_CLOCK_BEHIND')
  })

  it('takes the right day of the first start', async () => {
    const lab = aGovernanceLab({ started: false })
    lab.store.recordStart(labStartMs + yearMs)
    await lab.days(20)
    expect(codeOf(lab.propose('BTC', 'lambda', 0.93))).toBe('CHANGE_TOO_EARLY')
    const given = { nowMs: lab.clock.nowMs(), startedAtMs: labStartMs, wrongAtMs: labStartMs + yearMs }
    expect(lab.correct(() => correctStart({ ...given, reason: '' }))).toBe('REASON_INVALID')
    expect(lab.correct(() => correctStart({ ...given, reason: 'a test' }))).toBe('ok')
    expect(minerStartOf(lab.state(), lab.store.startedAtMs())).toBe(labStartMs)
    expect(codeOf(lab.propose('BTC', 'lambda', 0.93))).toBe('ok')
    expect(verifyLedger(lab.ledger, sha256).isSound).toBe(true)
  })
})

describe('LiveParameters under a clock that is not trusted', () => {
  it('writes nothing into the ledger, and takes the change when the clock is trusted again', async () => {
    const lab = await aLab()
    let doubt: string | undefined
    const live = new LiveParameters({ ledger: lab.ledger, clock: lab.clock, log: lab.log, doubt: () => doubt })
    lab.propose('BTC', 'lambda', 0.93)
    doubt = 'a year ahead'
    lab.clock.wallOffsetMs = yearMs
    live.refresh(lab.clock.nowMs())
    expect([lab.ledger.head().id, live.inForce().revision]).toEqual([1, 0])
    lab.clock.wallOffsetMs = 0
    doubt = undefined
    await lab.clock.advance(minuteMs)
    live.refresh(lab.clock.nowMs())
    expect([lab.ledger.head().id, live.inForce().revision]).toEqual([2, 1])
    expect(lab.state().lastEntry!.atMs).toBe(lab.clock.nowMs())
  })

  it('starts with what was approved, a year behind', async () => {
    const lab = await aLab()
    lab.propose('BTC', 'lambda', 0.93)
    await lab.clock.advance(minuteMs)
    new LiveParameters({ ledger: lab.ledger, clock: lab.clock, log: lab.log })
    lab.clock.wallOffsetMs = -yearMs
    const { revision } = new LiveParameters({ ledger: lab.ledger, clock: lab.clock, log: lab.log }).inForce()
    expect(revision).toBe(1)
  })
})
