import { createHash } from 'node:crypto'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { diskBarFiles } from '#adapters/market-files/disk-bar-files'
import { openDatabaseToRead } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import type { Clock } from '#core/base/time/clock'
import { MinutePriceSeries } from '#core/forecast/models/minute-price-series'
import type { FeatureBook } from '#core/forecast/models/onnx/feature-book'
import type { MarketSeries } from '#core/forecast/models/price-series-source'
import { createPriceSourceLookup, createScoredSources, type PythHistory } from '#core/market/venues/price-sources'
import type { DataDeps } from '#models/data/prepare-data'

export interface DataParts {
  readonly clock: Clock
  readonly dbPath: string
  readonly regimesFile: string | undefined
  readonly pythHistory: PythHistory
  readonly features: FeatureBook
  /** No later price is read, so that a training that goes on tomorrow has the same data. */
  readonly untilMs: number
}

/** The newest migration that stored minutes need. */
const minutesMigration = 40

/** Where the data of recipes come from: files, and the miner's minutes, which are read beside it. */
export function openDataDeps(parts: DataParts): DataDeps {
  return {
    ports: { files: diskBarFiles, minutes: { readHigh: (asset) => readMinutes(parts, asset) }, nowMs: parts.untilMs },
    features: parts.features,
    hashBytes: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  }
}

function readMinutes({ clock, dbPath, regimesFile, pythHistory, untilMs }: DataParts, asset: string) {
  const db = openDatabaseToRead({ path: dbPath, lastMigration: minutesMigration })
  try {
    const sources = createPriceSourceLookup(createScoredSources(loadRegimeBook(regimesFile), { pythHistory }))
    const series = new MinutePriceSeries(new SqliteMinuteStore(db, clock), (name) => {
      const source = sources(name, untilMs)
      return source === undefined ? undefined : { asset: name, venue: source.venue, symbol: source.symbol }
    })
    const stored = series.readHigh(asset)
    return stored === undefined ? undefined : cutAt(stored, untilMs)
  } finally {
    db.close()
  }
}

function cutAt({ series, unseenSteps }: MarketSeries, untilMs: number): MarketSeries {
  const count = Math.max(0, Math.floor((untilMs - series.startAtMs) / (series.stepSeconds * 1000)))
  return { series: { ...series, closes: series.closes.subarray(0, count) }, unseenSteps }
}
