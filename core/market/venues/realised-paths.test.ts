import { describe, expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import { TestClock } from '#tests/support/test-clock'
import { TestLogger } from '#tests/support/test-logger'
import type { MinuteClose, MinuteHistoryAnswer, MinuteRange } from './minute-history.ts'
import type { ScoredSource } from './price-sources.ts'
import {
  type PromptWindow,
  type RealisedPathKey,
  RealisedPaths,
  type RecordedMinutes,
  type StoredRealisedPath,
} from './realised-paths.ts'
import type { RealisedPathFound } from './synth-api.ts'
import { type VenueFailure, venueFailure } from './venue.ts'

const startAtMs = Date.UTC(2026, 8, 22, 10, 1)
const prompt: PromptWindow = { asset: 'XAU', startAtMs, timeLengthSeconds: 300, stepSeconds: 60 }
const gold: ScoredSource = {
  regimeId: '2026-09-22',
  series: { venue: 'hyperliquidPerp', symbol: 'xyz:GOLD' },
  settlement: { gateSeconds: 90, witnessSeconds: 60, grid: 'exact', lastPrice: 'required' },
}
const closes = [10, 11, 12, 13, 14, 15, 16]
const allMinutes = closes.map((close, i) => ({ openAtMs: startAtMs + i * minuteMs, close }))

interface Setting {
  minutes?: MinuteClose[] | VenueFailure
  coveredFromMs?: number
  refusedRows?: number
  published?: number[]
  recorded?: number[]
  source?: ScoredSource | undefined
  nowMs?: number
}

function aSetting(setting: Setting = {}) {
  const asked: (MinuteRange | 'archive')[] = []
  const kept = new Map<string, StoredRealisedPath>()
  const keyOf = ({ series, ...key }: RealisedPathKey) => JSON.stringify([key.asset, key.startAtMs, series])
  const minutes = setting.minutes ?? allMinutes
  const recorded: RecordedMinutes = {
    readSlots: (_, fromMs, toMs) =>
      Float64Array.from({ length: (toMs - fromMs) / minuteMs + 1 }, (_unused, i) => setting.recorded?.[i] ?? 0),
  }
  const paths = new RealisedPaths({
    sources: () => ('source' in setting ? setting.source : gold),
    histories: new Map([
      [
        'hyperliquidPerp',
        {
          venue: 'hyperliquidPerp',
          fetchMinutes: async (range): Promise<MinuteHistoryAnswer> => {
            asked.push(range)
            if (!Array.isArray(minutes)) return minutes
            const { coveredFromMs = range.fromMs, refusedRows = 0 } = setting
            return { ok: true, minutes, coveredFromMs, refusedRows, answeredAtMs: 0 }
          },
        },
      ],
    ]),
    archive: {
      fetchRealisedPath: async (): Promise<RealisedPathFound | VenueFailure> => {
        asked.push('archive')
        return setting.published === undefined
          ? venueFailure('noData', 'HTTP 404')
          : { ok: true, prices: Float64Array.from(setting.published) }
      },
    },
    store: {
      find: (key) => kept.get(keyOf(key)),
      save: (path) => void (kept.has(keyOf(path)) || kept.set(keyOf(path), path)),
    },
    ...(setting.recorded === undefined ? {} : { recorded }),
    clock: new TestClock(setting.nowMs ?? startAtMs + 3_600_000),
    log: new TestLogger(),
  })
  return { paths, asked, kept }
}

async function pricesOf(paths: RealisedPaths) {
  const answer = await paths.read(prompt)
  return answer.ok ? { prices: [...answer.prices], origin: answer.origin, holes: answer.holes } : answer.reason
}

describe('RealisedPaths', () => {
  it('takes the close of the candle that opens in each grid second, asks one candle further, and once only', async () => {
    const { paths, asked } = aSetting()
    expect(await pricesOf(paths)).toEqual({ prices: [10, 11, 12, 13, 14, 15], origin: 'venue', holes: 0 })
    expect(await pricesOf(paths)).toMatchObject({ origin: 'venue' })
    expect(asked).toEqual([{ symbol: 'xyz:GOLD', fromMs: startAtMs, toMs: startAtMs + 360_000 }])
  })

  it('ignores candles off the grid, and of a repeated one the last holds', async () => {
    const odd = { openAtMs: startAtMs + 60_500, close: 99 }
    const again = { openAtMs: startAtMs + 120_000, close: 12.5 }
    const off = { openAtMs: startAtMs + 121_000, close: 77 }
    const { paths } = aSetting({ minutes: [...allMinutes, again, off] })
    expect(await pricesOf(paths)).toMatchObject({ prices: [10, 11, 12.5, 13, 14, 15] })
    // Milliseconds are floored to the second, as the validator does.
    expect(await pricesOf(aSetting({ minutes: [...allMinutes, odd] }).paths)).toMatchObject({
      prices: [10, 99, 12, 13, 14, 15],
    })
  })

  it('is not due before the gate is over, and asks nobody', async () => {
    const { paths, asked } = aSetting({ nowMs: startAtMs + 390_000 })
    expect(await pricesOf(paths)).toBe('notDue')
    expect(asked).toEqual([])
    expect(await pricesOf(aSetting({ nowMs: startAtMs + 390_001 }).paths)).toMatchObject({ origin: 'venue' })
  })

  it.each([
    ['without a witness', allMinutes.slice(0, 6), 'notSettled'],
    ['without the last price', allMinutes.filter((_, i) => i !== 5), 'lastMissing'],
    ['without anything', [], 'notSettled'],
    ['of a venue that is down', venueFailure('unreachable', 'refused'), 'unreachable'],
  ] as const)('%s gives no path, unless the validator published it', async (_, minutes, reason) => {
    const { paths, kept } = aSetting({ minutes: minutes as MinuteClose[] })
    expect(await pricesOf(paths)).toBe(reason)
    expect(kept.size).toBe(0)
    const published = aSetting({ minutes: minutes as MinuteClose[], published: [1, 2, Number.NaN, 4, 5, 6] })
    expect(await pricesOf(published.paths)).toEqual({
      prices: [1, 2, Number.NaN, 4, 5, 6],
      origin: 'archive',
      holes: 1,
    })
  })

  it('leaves holes as NaN, but where it was published it is the array that the score used', async () => {
    const minutes = allMinutes.filter((_, i) => i !== 2)
    expect(await pricesOf(aSetting({ minutes }).paths)).toEqual({
      prices: [10, 11, Number.NaN, 13, 14, 15],
      origin: 'venue',
      holes: 1,
    })
    const published = [10, 11, 12, 13, 14, 15]
    expect(await pricesOf(aSetting({ minutes, published }).paths)).toEqual({
      prices: published,
      origin: 'archive',
      holes: 0,
    })
  })

  it('does not take what the venue has forgotten for minutes without a trade', async () => {
    const coveredFromMs = startAtMs + 120_000
    const minutes = allMinutes.slice(2)
    expect(await pricesOf(aSetting({ minutes, coveredFromMs }).paths)).toBe('forgotten')
    const recorded = [10, 11]
    expect(await pricesOf(aSetting({ minutes, coveredFromMs, recorded }).paths)).toMatchObject({
      prices: [10, 11, 12, 13, 14, 15],
      origin: 'venue',
    })
  })

  it('asks no venue when the recorder has all minutes, and trusts its declared gaps', async () => {
    const whole = aSetting({ recorded: [10, 11, Number.NaN, 13, 14, 15, 16] })
    expect(await pricesOf(whole.paths)).toEqual({
      prices: [10, 11, Number.NaN, 13, 14, 15],
      origin: 'recorded',
      holes: 1,
    })
    expect(whole.asked, 'the published array may know the hole').toEqual(['archive'])
    const withoutWitness = aSetting({ recorded: [10, 11, 12, 13, 14, 15, 0] })
    expect(await pricesOf(withoutWitness.paths)).toMatchObject({ origin: 'venue' })
    const unknownMinute = aSetting({ recorded: [10, 11, 0, 13, 14, 15, 16] })
    expect(await pricesOf(unknownMinute.paths)).toMatchObject({ origin: 'venue' })
  })

  it('builds nothing from rows whose price was impossible', async () => {
    expect(await pricesOf(aSetting({ refusedRows: 1 }).paths)).toBe('refusedRows')
  })

  it('has no path of an asset that the rules do not score', async () => {
    expect(await pricesOf(aSetting({ source: undefined }).paths)).toBe('notScored')
  })

  it('slides forward over a missing candle under the rules before 2025-11-19, and may end without a price', async () => {
    const settlement = { gateSeconds: 0, witnessSeconds: null, grid: 'packed', lastPrice: 'optional' } as const
    const minutes = allMinutes.filter((_, i) => i !== 2)
    expect(await pricesOf(aSetting({ source: { ...gold, settlement }, minutes }).paths)).toEqual({
      prices: [10, 11, 13, 14, 15, Number.NaN],
      origin: 'venue',
      holes: 1,
    })
    expect(await pricesOf(aSetting({ source: { ...gold, settlement }, minutes: [] }).paths)).toBe('lastMissing')
  })

  it('needs no witness under the rules that asked for none', async () => {
    const source = { ...gold, settlement: { ...gold.settlement, witnessSeconds: null } }
    expect(await pricesOf(aSetting({ source, minutes: allMinutes.slice(0, 6) }).paths)).toMatchObject({ holes: 0 })
  })
})
