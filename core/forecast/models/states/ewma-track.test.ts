import { describe, expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import { madeCloses } from '#tests/support/volatility-lab'
import { varianceFloor } from '../../parameters/variance-floor.ts'
import { advanceEwma, bootstrapEwma } from '../ewma-state.ts'
import { bootstrapCloses, EwmaTrack } from './ewma-track.ts'

const fromMs = Date.UTC(2026, 8, 1)
const openOf = (i: number): number => fromMs + i * minuteMs

function fedWith(closes: Float64Array, asset = 'BTC', lambda = 0.94): EwmaTrack {
  const track = new EwmaTrack(asset, lambda)
  for (const [i, close] of closes.entries()) track.take(openOf(i), close)
  return track
}

describe('EwmaTrack', () => {
  it.each([
    ['BTC', 360],
    ['HYPE', 360],
    ['XAU', 720],
    ['NVDAX', 780],
    ['SP500', 780],
  ])('looks at the first closes of %s as a whole: %d of them', (asset, count) => {
    expect(bootstrapCloses(asset)).toBe(count)
  })

  it('starts from the mean square of its first closes and goes on by the exponential rule', () => {
    const closes = madeCloses(1n, 500, 0.1)
    const points = [...closes.entries()]
      .filter(([, close]) => close > 0)
      .map(([i, close]) => ({ close, atMs: openOf(i) + 60_000 }))
    const start = { asset: 'BTC', lambda: 0.94, defaultVariance: 5e-6, floor: varianceFloor('BTC') }
    let state = bootstrapEwma(start, points.slice(0, 360))!
    for (const { close, atMs } of points.slice(360)) state = advanceEwma(state, close, atMs, varianceFloor('BTC'))
    const track = fedWith(closes)
    expect(track.state).toEqual(state)
    expect(track.closesTaken).toBe(points.length)
  })

  it('is a default, marked as one, until there are enough closes', () => {
    expect(new EwmaTrack('BTC', 0.94).state).toBeUndefined()
    expect(fedWith(madeCloses(2n, 30)).state).toMatchObject({ variance: 5e-6, isDegraded: true })
    expect(fedWith(madeCloses(2n, 31)).state?.isDegraded).toBe(false)
  })

  it('does not depend on when it was looked at', () => {
    const closes = madeCloses(3n, 700)
    const watched = new EwmaTrack('BTC', 0.94)
    for (const [i, close] of closes.entries()) {
      watched.take(openOf(i), close)
      expect(watched.state).toBeDefined()
    }
    expect(watched.state).toEqual(fedWith(closes).state)
  })

  it('passes over minutes that it knows and minutes without a close', () => {
    const track = fedWith(madeCloses(4n, 400))
    const before = track.state
    track.take(openOf(399), 1)
    track.take(openOf(10), 1)
    track.take(openOf(400), Number.NaN)
    track.take(openOf(401), 0)
    expect(track.state).toEqual(before)
    expect(track.nextOpenMs).toBe(openOf(400))
  })

  it('takes a tuned lambda at once, also while it still gathers its first closes', () => {
    for (const count of [100, 400]) {
      const track = fedWith(madeCloses(5n, count))
      const { variance } = track.state!
      expect(track.setLambda(0.9)).toBe(true)
      expect(track.state).toMatchObject({ lambda: 0.9, variance })
      expect(track.setLambda(0.9)).toBe(false)
    }
  })
})
