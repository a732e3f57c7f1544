import { StoreError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { Clock } from '#core/base/time/clock'
import type {
  RealisedPathKey,
  RealisedPathOrigin,
  RealisedPathStore,
  StoredRealisedPath,
} from '#core/market/venues/realised-paths'
import type { Database } from './database.ts'

interface Row {
  readonly origin: RealisedPathOrigin
  readonly prices: Buffer
}

export class SqliteRealisedPathStore implements RealisedPathStore {
  readonly #db: Database
  readonly #clock: Clock

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  find(key: RealisedPathKey): StoredRealisedPath | undefined {
    const row = this.#db
      .prepare<unknown[], Row>(
        `select origin, prices from realized_paths
         where asset = :asset and start_at_ms = :startAtMs and time_length_seconds = :timeLengthSeconds
           and time_increment_seconds = :stepSeconds and venue = :venue and symbol = :symbol`,
      )
      .get(toParameters(key))
    return row === undefined ? undefined : { ...withoutRest(key), origin: row.origin, prices: toPrices(row.prices) }
  }

  /** In one transaction: a replay stores thousands, and single writes would each wait for the disk. */
  saveAll(paths: readonly StoredRealisedPath[]): void {
    const saveEach = this.#db.transaction(() => {
      for (const path of paths) this.save(path)
    })
    try {
      saveEach.immediate()
    } catch (cause) {
      if (cause instanceof StoreError) throw cause
      const reason = messageOf(cause)
      throw new StoreError('REALIZED_PATH_WRITE_FAILED', `${paths.length} realised paths were not stored: ${reason}.`, {
        cause,
      })
    }
  }

  save(path: StoredRealisedPath): void {
    try {
      this.#db
        .prepare(
          `insert into realized_paths (asset, start_at_ms, time_length_seconds, time_increment_seconds, venue, symbol,
             origin, point_count, prices, stored_at_ms)
           values (:asset, :startAtMs, :timeLengthSeconds, :stepSeconds, :venue, :symbol,
             :origin, :pointCount, :prices, :storedAtMs)
           on conflict do nothing`,
        )
        .run({
          ...toParameters(path),
          origin: path.origin,
          pointCount: path.prices.length,
          prices: toBlob(path.prices),
          storedAtMs: this.#clock.nowMs(),
        })
    } catch (cause) {
      const reason = messageOf(cause)
      throw new StoreError(
        'REALIZED_PATH_WRITE_FAILED',
        `A realised path of ${path.asset} was not stored: ${reason}.`,
        {
          cause,
        },
      )
    }
  }
}

function toParameters({ asset, startAtMs, timeLengthSeconds, stepSeconds, series }: RealisedPathKey) {
  return { asset, startAtMs, timeLengthSeconds, stepSeconds, venue: series.venue, symbol: series.symbol }
}

function withoutRest({ asset, startAtMs, timeLengthSeconds, stepSeconds, series }: RealisedPathKey) {
  const { venue, symbol } = series
  return { asset, startAtMs, timeLengthSeconds, stepSeconds, series: { venue, symbol } }
}

function toBlob(prices: Float64Array): Buffer {
  const blob = Buffer.alloc(prices.length * 8)
  for (const [i, price] of prices.entries()) blob.writeDoubleLE(price, i * 8)
  return blob
}

function toPrices(blob: Buffer): Float64Array {
  return Float64Array.from({ length: blob.length / 8 }, (_, i) => blob.readDoubleLE(i * 8))
}
