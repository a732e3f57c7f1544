import { createVenues, type Venues } from '#adapters/market/venues'
import { MinuteFolder } from '#adapters/minute-files/minute-folder'
import type { Database } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import type { Logger } from '#core/base/log/logger'
import { SplitMix64 } from '#core/base/random/rng'
import type { Clock } from '#core/base/time/clock'
import { createScoredSources } from '#core/market/venues/price-sources'
import { type RealisedPathStore, RealisedPaths } from '#core/market/venues/realised-paths'
import type { RegimeBook } from '#core/synth/regimes/book'
import { givingUpArchive, givingUpHistory } from '#core/tuning/replay/give-up'
import type { TunerConfig } from './config.ts'

export interface PriceParts {
  readonly clock: Clock
  readonly config: TunerConfig
  readonly log: Logger
}

export function openVenues({ clock, config }: Omit<PriceParts, 'log'>): Venues {
  const rng = new SplitMix64(BigInt(clock.nowMs()))
  return createVenues({ clock, rng, openFiles: (folder) => new MinuteFolder({ clock }, folder) }, config.market)
}

/** The real prices at the venue of the prompt's date, whatever rules it is scored under. */
export function openRealised(
  { clock, config, log }: PriceParts,
  { history, synthApi }: Venues,
  stored: { readonly book: RegimeBook; readonly db: Database; readonly paths: RealisedPathStore },
): RealisedPaths {
  return new RealisedPaths({
    sources: createScoredSources(stored.book, { pythHistory: config.market.pythHistory }),
    // A venue that does not answer is not asked again by this run: it should end with a sentence, not after minutes of
    // waiting.
    histories: new Map([...history].map(([venue, adapter]) => [venue, givingUpHistory(adapter)])),
    archive: givingUpArchive(synthApi),
    store: stored.paths,
    recorded: new SqliteMinuteStore(stored.db, clock),
    clock,
    log,
  })
}
