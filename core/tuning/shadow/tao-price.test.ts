import { describe, expect, it } from 'vitest'
import { dayMs, minuteMs } from '#core/base/time/units'
import type { MinuteHistoryAnswer, MinuteRange } from '#core/market/venues/minute-history'
import { venueFailure } from '#core/market/venues/venue'
import { fetchTaoPrices } from './tao-price.ts'

const nowMs = Date.UTC(2026, 8, 3, 12, 0, 30)

async function fetchOf(days: readonly string[], answerOf: (range: MinuteRange) => MinuteHistoryAnswer) {
  const asked: MinuteRange[] = []
  const fetchMinutes = async (range: MinuteRange) => {
    asked.push(range)
    return answerOf(range)
  }
  return { prices: await fetchTaoPrices({ fetchMinutes }, days, nowMs), asked }
}

function closes(...minutes: readonly (readonly [openAtMs: number, close: number])[]): MinuteHistoryAnswer {
  const rows = minutes.map(([openAtMs, close]) => ({ openAtMs, close }))
  return { ok: true, minutes: rows, coveredFromMs: 0, answeredAtMs: nowMs, refusedRows: 0 }
}

describe('fetchTaoPrices', () => {
  it('takes the last close of a day, and of today the newest minute that has ended', async () => {
    const midnightMs = Date.UTC(2026, 8, 3)
    const { prices, asked } = await fetchOf(['2026-09-02', '2026-09-03'], ({ toMs }) =>
      // In the venue's order, with a row that nobody asked for.
      closes([toMs, 300], [toMs - minuteMs, 299], [toMs + minuteMs, 999]),
    )
    expect(asked.map(({ symbol, toMs }) => [symbol, toMs])).toEqual([
      ['TAOUSDT', midnightMs - minuteMs],
      ['TAOUSDT', Date.UTC(2026, 8, 3, 11, 59)],
    ])
    expect([...prices.usdByDay]).toEqual([
      ['2026-09-02', 300],
      ['2026-09-03', 300],
    ])
    expect(prices.problem).toBeUndefined()
  })

  it('keeps what it has and says why, and does not ask a venue again that failed', async () => {
    const days = ['2026-09-01', '2026-09-02', '2026-09-03']
    const down = await fetchOf(days, ({ toMs }) =>
      toMs < Date.UTC(2026, 8, 2) ? closes([toMs, 250]) : venueFailure('geoBlocked', 'the venue answers 451'),
    )
    expect(down.asked).toHaveLength(2)
    expect([...down.prices.usdByDay]).toEqual([['2026-09-01', 250]])
    expect(down.prices.problem).toBe('the venue answers 451')
    const old = await fetchOf(days, ({ fromMs }) => closes([fromMs - dayMs, 1]))
    expect(old.prices).toEqual({
      usdByDay: new Map(),
      problem: 'the venue has no minute of TAOUSDT at the end of 2026-09-01',
    })
  })
})
