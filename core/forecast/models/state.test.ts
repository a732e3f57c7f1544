import { describe, expect, it } from 'vitest'
import type { EwmaState } from './ewma-state.ts'
import { encodeState, readCalibratedState, readEwmaState } from './state.ts'

const limits = { nowMs: 1_000_000_000, maxFutureMs: 120_000, maxAgeMs: 86_400_000 }
const ewma: EwmaState = {
  version: 1,
  asset: 'BTC',
  variance: 0.1 / 3e6,
  lastClose: 100_000.25,
  lastCloseAtMs: 999_960_000,
  lambda: 0.94,
  isDegraded: false,
}
const calibrated = {
  version: 2 as const,
  asset: 'BTC',
  stepSeconds: 60,
  parametersHash: 'abc',
  sums: [1, 2],
  signedSums: [-0.5, 2],
  weights: [1, 2],
  lastPrice: 100,
  lastPriceAtMs: 999_960_000,
}
const expected = { parametersHash: 'abc', scaleCount: 2 }

describe('stored state', () => {
  it('is read back bit for bit', () => {
    expect(readEwmaState(encodeState(ewma), limits)).toEqual({ ok: true, state: ewma })
    expect(readCalibratedState(encodeState(calibrated), expected, limits)).toEqual({ ok: true, state: calibrated })
  })
  it.each([
    ['unreadable', ''],
    ['unreadable', '{"version":1'],
    ['unreadable', '[]x'],
    ['unreadable', JSON.stringify({ ...ewma, variance: -1 })],
    ['unreadable', JSON.stringify({ ...ewma, lambda: 1 })],
    ['notFinite', JSON.stringify({ ...ewma, variance: Number.NaN })],
    ['otherVersion', JSON.stringify({ ...ewma, version: 2 })],
    ['fromFuture', JSON.stringify({ ...ewma, lastCloseAtMs: limits.nowMs + 200_000 })],
    ['tooOld', JSON.stringify({ ...ewma, lastCloseAtMs: limits.nowMs - 90_000_000 })],
  ])('is refused as %s', (reason, text) => {
    expect(readEwmaState(text, limits)).toEqual({ ok: false, reason })
  })
  it('is refused when it was made under other parameters', () => {
    const text = encodeState(calibrated)
    const other = { ok: false, reason: 'otherParameters' }
    expect(readCalibratedState(text, { ...expected, parametersHash: 'abd' }, limits)).toEqual(other)
    expect(readCalibratedState(text, { ...expected, scaleCount: 3 }, limits)).toEqual(other)
  })
  it('is refused when a sum is not finite', () => {
    const text = encodeState({ ...calibrated, sums: [Number.NaN, 1] })
    expect(readCalibratedState(text, expected, limits)).toEqual({ ok: false, reason: 'notFinite' })
  })
})
