import { describe, expect, it } from 'vitest'
import type { RealisedPathKey, StoredRealisedPath } from '#core/market/venues/realised-paths'
import { type VenueFailureReason, venueFailure } from '#core/market/venues/venue'
import { BufferedPathStore } from './buffered-path-store.ts'
import { givingUpHistory } from './give-up.ts'

function historyThat(reasons: readonly VenueFailureReason[]) {
  let asked = 0
  const history = givingUpHistory({
    venue: 'binanceSpot',
    fetchMinutes: async () => venueFailure(reasons[asked++ % reasons.length]!, 'no'),
  })
  return { ask: () => history.fetchMinutes({ symbol: 'X', fromMs: 0, toMs: 1 }), asked: () => asked }
}

describe('a venue that is down', () => {
  it('is asked three times in a run, and not again', async () => {
    const { ask, asked } = historyThat(['unreachable'])
    for (let i = 0; i < 10; i += 1) expect(await ask()).toMatchObject({ ok: false, reason: 'unreachable' })
    expect(asked()).toBe(3)
  })

  it('is distinguished from a venue without an answer to one question', async () => {
    const { ask, asked } = historyThat(['unreachable', 'timeout', 'noData'])
    for (let i = 0; i < 9; i += 1) await ask()
    expect(asked()).toBe(9)
  })
})

describe('BufferedPathStore', () => {
  const key: RealisedPathKey = {
    asset: 'BTC',
    startAtMs: 0,
    timeLengthSeconds: 60,
    stepSeconds: 60,
    series: { venue: 'binanceSpot', symbol: 'BTCUSDT' },
  }
  const path: StoredRealisedPath = { ...key, prices: Float64Array.of(1, 2), origin: 'recorded' }

  it('reads a path that is saved but not yet written, and writes it once', () => {
    const written: StoredRealisedPath[] = []
    const store = new BufferedPathStore({
      find: () => undefined,
      save: () => {},
      saveAll: (paths) => void written.push(...paths),
    })
    store.save(path)
    store.save({ ...path, prices: Float64Array.of(3, 4) })
    expect(store.find(key)).toBe(path)
    expect(written).toEqual([])
    store.flush()
    store.flush()
    expect(written).toEqual([path])
  })
})
