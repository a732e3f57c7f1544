import { onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { createVenues, type Venues } from '#adapters/market/venues'
import { MinuteFolder } from '#adapters/minute-files/minute-folder'
import { SplitMix64 } from '#core/base/random/rng'
import { MarketConfig } from '#core/market/board/market-config'
import type { MarketFeed } from '#core/market/minutes/market-feed'
import type { ScoreBook } from '#standins/market/routes/synth-api'
import {
  type MarketStandIn,
  type MarketStandInOptions,
  standInSettings,
  startMarketStandIn,
} from '#standins/market/server'
import { TestClock } from './test-clock.ts'
import { TestMarket } from './test-market.ts'

export interface MarketLab {
  readonly market: TestMarket
  readonly clock: TestClock
  readonly standIn: MarketStandIn
  readonly venues: Venues
}

export const labDeadlineMs = 400

/** The stand-in with a market whose every price is known, the real adapters against it, and time that the test moves. */
export async function startMarketLab(
  options: MarketStandInOptions & { feed?: MarketFeed; scores?: ScoreBook; apiKey?: string; startAtMs?: number } = {},
): Promise<MarketLab> {
  const market = new TestMarket()
  const clock = new TestClock(options.startAtMs ?? Date.UTC(2026, 8, 22, 12, 0, 30))
  const scores = options.scores === undefined ? {} : { scores: options.scores }
  const standIn = await startMarketStandIn(
    { feed: options.feed ?? market, clock, realClock: systemClock, ...scores },
    options,
  )
  onTestFinished(() => standIn.stop())
  return { market, clock, standIn, venues: venuesAt(standIn.url, clock, options) }
}

export function venuesAt(
  url: string,
  clock: TestClock,
  options: { apiKey?: string; historyDeadlineMs?: number } = {},
): Venues {
  const settings = standInSettings(url)
  const config = MarketConfig.parse({
    ...settings,
    requestDeadlineMs: labDeadlineMs,
    historyDeadlineMs: options.historyDeadlineMs ?? labDeadlineMs * 5,
    pythHermes: {
      ...settings.pythHermes,
      stream: true,
      streamSilenceMs: 1_000,
      ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
    },
    // One try: what a test sees is the first answer.
    synthApi: { ...settings.synthApi, tries: 1, requestsPerSecond: 100 },
  })
  const openFiles = (folder: string) => new MinuteFolder({ clock }, folder)
  return createVenues({ clock, rng: new SplitMix64(7n), openFiles }, config)
}
