import { describe, expect, it } from 'vitest'
import { parseIp } from '../addresses/ip-address.ts'
import { announcementOf } from './axon-record.ts'
import { decideServe, type ServeSituation, triesWindowMs } from './serve-decision.ts'

const wanted = announcementOf({ ip: parseIp('203.0.113.9')!, port: 8091 })
const recordAt = (block: number, over: Partial<typeof wanted> = {}) => ({ ...wanted, ...over, block })
const decide = (over: Partial<ServeSituation> = {}) =>
  decideServe({
    record: undefined,
    wanted,
    currentBlock: 1_000,
    rateLimitBlocks: 50,
    triedAtMs: [],
    nowMs: 10_000_000,
    ...over,
  })

describe('decideServe', () => {
  it('submits the first announcement at once', () => {
    expect(decide()).toEqual({ action: 'submit' })
  })
  it('does nothing when the chain already says so, however old the record and whatever was tried', () => {
    expect(decide({ record: recordAt(1), triedAtMs: [9_999_999, 9_999_998, 9_999_997] })).toEqual({ action: 'none' })
  })
  it.each([
    { ip: 1n },
    { port: 1 },
    { version: 1 },
    { ipType: 6 },
    { protocol: 0 },
    { placeholder1: 1 },
    { placeholder2: 1 },
  ])('submits when %o differs', (over) => {
    expect(decide({ record: recordAt(1, over) })).toEqual({ action: 'submit' })
  })
  it('waits for the last block of the rate limit and not one longer', () => {
    const record = recordAt(960, { port: 1 })
    expect(decide({ record, currentBlock: 1_009 })).toEqual({ action: 'wait', reason: 'rateLimit', untilBlock: 1_010 })
    expect(decide({ record, currentBlock: 1_010 })).toEqual({ action: 'submit' })
  })
  it('believes the chain when it was refused, even without a record', () => {
    expect(decide({ refusedUntilBlock: 1_030 })).toEqual({ action: 'wait', reason: 'rateLimit', untilBlock: 1_030 })
    expect(decide({ refusedUntilBlock: 1_000 })).toEqual({ action: 'submit' })
  })
  it('tries three times in ten minutes at the most', () => {
    const triedAtMs = [9_500_000, 9_600_000, 9_700_000]
    const untilMs = 9_500_000 + triesWindowMs
    expect(decide({ triedAtMs })).toEqual({ action: 'wait', reason: 'tooManyTries', untilMs })
    expect(decide({ triedAtMs, nowMs: untilMs - 1 })).toMatchObject({ action: 'wait' })
    expect(decide({ triedAtMs, nowMs: untilMs })).toEqual({ action: 'submit' })
    expect(decide({ triedAtMs: triedAtMs.slice(1) })).toEqual({ action: 'submit' })
  })
})
