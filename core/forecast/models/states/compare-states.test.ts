import { describe, expect, it } from 'vitest'
import type { EwmaState } from '../ewma-state.ts'
import { encodeState } from '../state.ts'
import { compareStates, type RebuiltAsset } from './compare-states.ts'
import type { StoredStateReading } from './state-store.ts'

const series = { asset: 'BTC', venue: 'binanceSpot', symbol: 'BTCUSDT' } as const
const ewma = (variance: number, change: Partial<EwmaState> = {}): EwmaState => ({
  version: 1,
  asset: 'BTC',
  variance,
  lastClose: 100,
  lastCloseAtMs: 60_000,
  lambda: 0.94,
  isDegraded: false,
  ...change,
})
const row = (state: EwmaState, asset = 'BTC'): StoredStateReading => ({
  isIntact: true,
  series: { ...series, asset },
  part: 'ewma',
  text: encodeState(state),
  seenToMs: 0,
  closesTaken: 9,
  closesStored: 9,
})
const rebuilt =
  (then: EwmaState, newest = then) =>
  (): RebuiltAsset => ({
    at: () => new Map([['ewma', then]]),
    newest: () => new Map([['ewma', newest]]),
  })
const verdictOf = (stored: EwmaState, then: EwmaState) =>
  compareStates([row(stored)], ['BTC'], rebuilt(then), 0.01)[0]?.verdict

describe('compareStates', () => {
  it('holds what is stored against the same minute made again, and shows how far it has moved since', () => {
    const [only] = compareStates([row(ewma(4e-8))], ['BTC'], rebuilt(ewma(4e-8), ewma(16e-8)), 0.01)
    expect(only).toMatchObject({ verdict: 'same', difference: 0, stored: 2, live: 4 })
    expect(only?.movedSince).toBeCloseTo(1, 9)
  })

  it('has a threshold, of the standard deviation and not of the variance', () => {
    expect(verdictOf(ewma(4e-8 * 1.009 ** 2), ewma(4e-8))).toBe('same')
    expect(verdictOf(ewma(4e-8 * 1.011 ** 2), ewma(4e-8))).toBe('differs')
  })

  it('takes another lambda, another last minute or another price for a difference', () => {
    expect(verdictOf(ewma(4e-8, { lambda: 0.93 }), ewma(4e-8))).toBe('differs')
    expect(verdictOf(ewma(4e-8, { lastCloseAtMs: 0 }), ewma(4e-8))).toBe('differs')
    expect(verdictOf(ewma(4e-8, { lastClose: 102 }), ewma(4e-8))).toBe('differs')
  })

  it('names assets that are new, removed and damaged', () => {
    const damaged: StoredStateReading = { isIntact: false, asset: 'BTC', part: 'ewma' }
    const verdicts = compareStates([damaged, row(ewma(1e-8), 'SPYX')], ['BTC', 'ETH'], rebuilt(ewma(4e-8)), 0.01)
    expect(verdicts.map(({ asset, verdict }) => [asset, verdict])).toEqual([
      ['BTC', 'damaged'],
      ['ETH', 'new'],
      ['SPYX', 'removed'],
    ])
  })
})
