import { describe, expect, it } from 'vitest'
import { roundToSignificantDigits } from '#tests/support/subnet/reference-rounding'
import {
  answerTimeoutSeconds,
  nextAsset,
  nextCycleDelaySeconds,
  nextWholeMinute,
  predictionStart,
  profileOfLength,
} from './cadence.ts'

describe('the schedule of a validator', () => {
  it('always moves forward to the next whole minute', () => {
    expect([0, 1, 59, 60].map(nextWholeMinute)).toEqual([60, 60, 60, 120])
    expect(predictionStart(1, 60)).toBe(120)
  })

  it('asks for the next asset in turn and begins again after the last', () => {
    const assets = ['BTC', 'ETH', 'XAU']
    expect([null, 'BTC', 'XAU', 'DOGE'].map((last) => nextAsset(last, assets))).toEqual(['BTC', 'ETH', 'BTC', 'BTC'])
    expect(() => nextAsset(null, [])).toThrow(RangeError)
  })

  it('keeps its rhythm, and waits for the next minute after a cycle that overran', () => {
    expect(nextCycleDelaySeconds({ previousStart: 1, now: 61, intervalMinutes: 5 })).toBe(239)
    expect(nextCycleDelaySeconds({ previousStart: 1, now: 130, intervalMinutes: 2 })).toBe(50)
    expect(nextCycleDelaySeconds({ previousStart: null, now: 130, intervalMinutes: 5 })).toBe(50)
  })

  it('counts the time to answer down to below zero', () => {
    expect(answerTimeoutSeconds(2_000_000, 500_001)).toBe(1.499999)
    expect(answerTimeoutSeconds(0, 1)).toBe(-0.000001)
  })

  it('knows a profile by its length alone', () => {
    const profiles = [{ timeLengthSeconds: 3600, label: 'high' }]
    expect(profileOfLength(profiles, 3600)?.label).toBe('high')
    expect(profileOfLength(profiles, 60)).toBeNull()
  })
})

describe('roundToSignificantDigits', () => {
  it.each([
    [123456785, 123456780],
    [123456795, 123456800],
    [-123456785, -123456780],
    [12345678.5, 12345678],
    [0.1234567891, 0.12345679],
    [99999999.9, 100000000],
    [0, 0],
    [3, 3],
  ])('rounds %d to %d, ties to even', (value, rounded) => expect(roundToSignificantDigits(value)).toBe(rounded))
})
