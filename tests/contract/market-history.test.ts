import { describe, expect, it } from 'vitest'
import { dayMs, minuteMs } from '#core/base/time/units'
import { type MinuteHistoryAnswer, orderMinutes } from '#core/market/venues/minute-history'
import type { VenueId } from '#core/market/venues/venue'
import type { FaultInput, VenuelessFault } from '#standins/market/faults'
import { type MarketLab, startMarketLab } from '#tests/support/market-lab'

interface Subject {
  readonly venue: VenueId
  readonly server: FaultInput['venue']
  readonly symbol: string
  readonly asset: string
  readonly other: string
  /** Answers carry the name of their series. */
  readonly isNamed: boolean
}

const subjects: readonly Subject[] = [
  { venue: 'binanceSpot', server: 'binanceSpot', symbol: 'BTCUSDT', asset: 'BTC', other: 'ETH', isNamed: false },
  { venue: 'hyperliquidSpot', server: 'hyperliquid', symbol: '@107', asset: 'HYPE', other: 'XAU', isNamed: true },
  { venue: 'hyperliquidPerp', server: 'hyperliquid', symbol: 'xyz:GOLD', asset: 'XAU', other: 'HYPE', isNamed: true },
  {
    venue: 'pythBenchmarks',
    server: 'pythBenchmarks',
    symbol: 'Crypto.XAUT/USD',
    asset: 'XAU',
    other: 'BTC',
    isNamed: false,
  },
  { venue: 'pythPro', server: 'pythPro', symbol: 'Crypto.BTC/USD', asset: 'BTC', other: 'ETH', isNamed: false },
]

describe.each(subjects)('the minutes of $venue', ({ venue, server, symbol, asset, other, isNamed }) => {
  const fetchLast = (lab: MarketLab, minutes: number, askedSymbol = symbol): Promise<MinuteHistoryAnswer> => {
    const toMs = Math.floor(lab.clock.nowMs() / minuteMs) * minuteMs
    const fromMs = toMs - (minutes - 1) * minuteMs
    return lab.venues.history.get(venue)!.fetchMinutes({ symbol: askedSymbol, fromMs, toMs })
  }
  const breakIt = (lab: MarketLab, fault: VenuelessFault) =>
    lab.standIn.faults.add({ fromSeconds: lab.standIn.sinceStartSeconds(), ...fault, venue: server } as FaultInput)
  const reasonOf = (answer: MinuteHistoryAnswer) => (answer.ok ? `${answer.minutes.length} minutes` : answer.reason)

  it('are the closes of the market, bit for bit, over several requests, with holes where it has none', async () => {
    const lab = await startMarketLab()
    const minutes = venue === 'binanceSpot' ? 2_345 : 4_990
    const runningMs = Math.floor(lab.clock.nowMs() / minuteMs) * minuteMs
    const holes = [100, 1_000, 1_001].map((back) => runningMs - back * minuteMs)
    for (const holeMs of holes) lab.market.missing.add(`${asset} ${holeMs}`)
    const answer = await fetchLast(lab, minutes)
    if (!answer.ok) throw new Error(answer.message)
    const found = orderMinutes(answer.minutes)
    expect(found).toHaveLength(minutes - holes.length)
    for (const { openAtMs, close } of found) {
      // The last one is still running: its close is the price of now.
      const truth =
        openAtMs === runningMs ? lab.market.priceAt(asset, lab.clock.nowMs()) : lab.market.minuteClose(asset, openAtMs)
      expect(close).toBe(truth)
      expect(holes).not.toContain(openAtMs)
    }
    expect(answer).toMatchObject({ refusedRows: 0, answeredAtMs: lab.clock.nowMs() })
    expect(answer.coveredFromMs).toBe(runningMs - (minutes - 1) * minuteMs)
  })

  it('come with what else the venue knows of them', async () => {
    const lab = await startMarketLab()
    const answer = await fetchLast(lab, 10)
    if (!answer.ok) throw new Error(answer.message)
    expect(answer.candles?.map(({ openAtMs }) => openAtMs)).toEqual(answer.minutes.map(({ openAtMs }) => openAtMs))
    const { openAtMs, open, high, low, volume } = answer.candles![4]!
    expect(open).toBe(lab.market.minuteClose(asset, openAtMs - minuteMs))
    const close = lab.market.minuteClose(asset, openAtMs)!
    expect([high, low]).toEqual([Math.max(open, close), Math.min(open, close)])
    // An oracle sees no trades: its volume is not 0 but unknown.
    expect(volume > 0).toBe(!venue.startsWith('pyth'))
    expect(Number.isNaN(volume)).toBe(venue.startsWith('pyth'))
  })

  it('of a range without any are an empty answer, not a failure', async () => {
    const lab = await startMarketLab()
    for (let back = 0; back < 20; back += 1) {
      lab.market.missing.add(`${asset} ${Math.floor(lab.clock.nowMs() / minuteMs) * minuteMs - back * minuteMs}`)
    }
    expect(await fetchLast(lab, 10)).toMatchObject({ ok: true, minutes: [] })
  })

  it('of an unknown symbol are a named failure', async () => {
    const lab = await startMarketLab()
    expect(reasonOf(await fetchLast(lab, 10, 'NOTHING'))).toBe('unknownSymbol')
  })

  it.each([
    [{ kind: 'down' }, 'unreachable'],
    [{ kind: 'slow' }, 'timeout'],
    [{ kind: 'garbage' }, 'malformed'],
    [{ kind: 'garbage', body: '{}' }, 'malformed'],
    [{ kind: 'garbage', body: '[1]' }, 'malformed'],
    [{ kind: 'garbage', body: '[[1]' }, 'malformed'],
    [{ kind: 'hugeBody' }, 'tooLarge'],
    [{ kind: 'redirect' }, 'redirected'],
    [{ kind: 'halfBody' }, 'unreachable'],
    [{ kind: 'rateLimited', retryAfterSeconds: 7 }, 'rateLimited'],
    [{ kind: 'serverError' }, 'serverError'],
    [{ kind: 'geoBlocked' }, 'geoBlocked'],
    [{ kind: 'unauthorized' }, 'unauthorized'],
  ] as const)('%j gives %s', async (fault, reason) => {
    const lab = await startMarketLab()
    breakIt(lab, fault as VenuelessFault)
    const answer = await fetchLast(lab, 1_500)
    expect(reasonOf(answer)).toBe(reason)
    if (reason === 'rateLimited') expect(answer).toMatchObject({ retryAfterMs: 7_000 })
  })

  it('are never from the future, however wrong the clock of the venue is', async () => {
    const lab = await startMarketLab()
    breakIt(lab, { kind: 'clockOff', offsetSeconds: 600 })
    const toMs = lab.clock.nowMs() + 600_000
    const answer = await lab.venues.history.get(venue)!.fetchMinutes({ symbol, fromMs: toMs - 1_200_000, toMs })
    if (!answer.ok) throw new Error(answer.message)
    expect(answer.minutes.every(({ openAtMs }) => openAtMs < lab.clock.nowMs() + minuteMs)).toBe(true)
    expect(answer.minutes.length).toBeGreaterThan(0)
    expect(answer.refusedRows).toBeGreaterThan(5)
  })

  it('of a venue that stopped end where it stopped', async () => {
    const lab = await startMarketLab()
    breakIt(lab, { kind: 'stale' })
    const stoppedAtMs = Math.floor(lab.clock.nowMs() / minuteMs) * minuteMs
    await lab.clock.advance(600_000)
    const answer = await fetchLast(lab, 20)
    expect(answer.ok && answer.minutes.at(-1)?.openAtMs).toBe(stoppedAtMs)
  })

  it.each([0, -1, 'NaN', 'Infinity', '1e400', 1e300, '', null])('%j never gets out as a close', async (value) => {
    const lab = await startMarketLab()
    breakIt(lab, { kind: 'badPrice', asset, value })
    expect(await fetchLast(lab, 10)).toMatchObject({ ok: true, minutes: [], refusedRows: 10 })
  })

  // Binance's klines and Pyth's history carry no name; for those the recorder holds levels against each other.
  if (isNamed) {
    it('of another series are refused by its name', async () => {
      const lab = await startMarketLab()
      breakIt(lab, { kind: 'swapped', assets: [asset, other] })
      expect(reasonOf(await fetchLast(lab, 10))).toBe('wrongFeed')
    })
  }

  it('stop being asked for when the caller gives up', async () => {
    const lab = await startMarketLab()
    breakIt(lab, { kind: 'slow' })
    const stop = new AbortController()
    const range = { symbol, fromMs: lab.clock.nowMs() - 600_000, toMs: lab.clock.nowMs() }
    const asking = lab.venues.history.get(venue)!.fetchMinutes(range, stop.signal)
    stop.abort()
    expect(reasonOf(await asking)).toBe('cancelled')
    expect(reasonOf(await lab.venues.history.get(venue)!.fetchMinutes(range, stop.signal))).toBe('cancelled')
  })
})

describe('the minutes of Hyperliquid', () => {
  it('before its memory are not claimed to be covered', async () => {
    const lab = await startMarketLab()
    const toMs = Math.floor(lab.clock.nowMs() / minuteMs) * minuteMs
    const fromMs = toMs - 7 * dayMs
    const answer = await lab.venues.history.get('hyperliquidPerp')!.fetchMinutes({ symbol: 'xyz:CL', fromMs, toMs })
    if (!answer.ok) throw new Error(answer.message)
    expect(answer.minutes).toHaveLength(5_000)
    expect(answer.coveredFromMs).toBe(toMs - 4_999 * minuteMs)
    expect(answer.minutes[0]!.openAtMs).toBe(answer.coveredFromMs)
  })
})
