import { expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import { MinuteBatch } from './minute-batch.ts'
import { RecordedFeed } from './recorded-feed.ts'

const startMs = Date.UTC(2025, 4, 20, 23, 58)

function aFeed(closes: Record<string, readonly (number | undefined)[]>): RecordedFeed {
  const batches = Object.entries(closes).map(([asset, values]) => {
    const batch = new MinuteBatch()
    for (const [i, close] of values.entries()) if (close !== undefined) batch.setClose(startMs + i * minuteMs, close)
    return [asset, batch] as const
  })
  return new RecordedFeed(new Map(batches))
}

it('serves candles exactly as recorded, over midnight, and none in a hole', () => {
  const feed = aFeed({ BTC: [100, 110, undefined, 121, 130] })
  expect([0, 1, 2, 3, 4, 5].map((i) => feed.minuteClose('BTC', startMs + i * minuteMs))).toEqual([
    100,
    110,
    undefined,
    121,
    130,
    undefined,
  ])
  expect(feed.minuteClose('ETH', startMs)).toBeUndefined()
})

it('has the close of a minute as the price at its end, and the line of logarithms between', () => {
  const feed = aFeed({ BTC: [100, 110, undefined, 121, 130] })
  const at = (minutes: number) => feed.priceAt('BTC', startMs + minutes * minuteMs)
  expect(at(1)).toBe(100)
  expect(at(2)).toBe(110)
  expect(at(1.5)).toBeCloseTo(Math.sqrt(100 * 110), 9)
  expect(at(2.5), 'the hole begins: the last close stands for a minute').toBe(110)
  expect(at(3), 'inside the hole').toBeUndefined()
  expect(at(3.5), 'the first minute after the hole').toBe(121)
  expect(at(4)).toBe(121)
  expect(at(0)).toBeUndefined()
  expect(at(5), 'the end of the last minute').toBe(130)
  expect(at(6.1)).toBeUndefined()
})

it('knows the time that its assets have in common', () => {
  const feed = aFeed({
    BTC: [1, 2, 3, 4],
    ETH: [undefined, 2, 3],
    XAU: [undefined, undefined, undefined, undefined, 5],
  })
  expect(feed.span(['BTC', 'ETH'])).toEqual({ fromMs: startMs + minuteMs, toMs: startMs + 2 * minuteMs })
  expect(feed.span()).toBeUndefined()
  expect(feed.span(['DOGE'])).toBeUndefined()
  expect(feed.assets()).toEqual(['BTC', 'ETH', 'XAU'])
})
