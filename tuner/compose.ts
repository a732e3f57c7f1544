import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { createVenues } from '#adapters/market/venues'
import { MinuteFolder } from '#adapters/minute-files/minute-folder'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { createPriceSourceLookup, createScoredSources } from '#core/market/price-sources'
import { MinutePriceSeries } from '#core/models/minute-price-series'
import type { PriceSeriesSource } from '#core/models/price-series-source'
import { SplitMix64 } from '#core/random/rng'
import type { MinutesContext } from './commands/minutes/context.ts'
import type { TunerConfig } from './config.ts'

/** What the commands about minutes work on. The daemon may have the database open at the same time. */
export function openMinutes(config: TunerConfig, packageRoot: string): MinutesContext {
  const clock = systemClock
  const book = loadRegimeBook(config.regimes.file)
  const files = config.market.files.dir
  const venues = createVenues(
    { clock, rng: new SplitMix64(BigInt(clock.nowMs())) },
    config.market,
    files === undefined ? [] : [new MinuteFolder({ clock }, files)],
  )
  const db = openDatabase({ path: config.db.path, migrationsDir: join(packageRoot, 'migrations'), clock })
  return {
    store: new SqliteMinuteStore(db, clock),
    assets: config.recorder.assets,
    sources: createPriceSourceLookup(createScoredSources(book, { pythHistory: config.market.pythHistory })),
    histories: venues.history,
    close: () => void db.close(),
  }
}

/** The daemon's minutes as the model is fitted on them, each asset from the series that scores it now. */
export function withMinutePrices<T>(
  config: TunerConfig,
  packageRoot: string,
  use: (source: PriceSeriesSource) => T,
): T {
  const { store, sources, close } = openMinutes(config, packageRoot)
  try {
    const nowMs = systemClock.nowMs()
    return use(
      new MinutePriceSeries(store, (asset) => {
        const source = sources(asset, nowMs)
        return source === undefined ? undefined : { asset, venue: source.venue, symbol: source.symbol }
      }),
    )
  } finally {
    close()
  }
}
