import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Database, openDatabase } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { SqliteVolatilityStateStore } from '#adapters/sqlite/volatility-state-store'
import { SplitMix64 } from '#core/base/random/rng'
import { minuteMs } from '#core/base/time/units'
import { encodeState } from '#core/forecast/models/state'
import type { ParameterSource } from '#core/forecast/parameters/asset-parameters'
import { MinuteBatch } from '#core/market/minutes/minute-batch'
import type { MinuteSeries } from '#core/market/minutes/minute-store'
import type { PriceSourceLookup } from '#core/market/venues/price-sources'
import { horizons } from '#core/synth/prompts/horizon'
import { ForecastStates } from '#daemon/state/forecast-states'
import { defaultParameterSource } from '#tests/support/default-source'
import { publishedSets } from './published-sets.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { TestClock } from './test-clock.ts'
import { TestLogger } from './test-logger.ts'

const root = join(import.meta.dirname, '..', '..')

export function btcAt(symbol = 'BTCUSDT'): MinuteSeries {
  return { asset: 'BTC', venue: 'binanceSpot', symbol }
}

/** A random walk of closes; NaN where nobody traded. */
export function madeCloses(seed: bigint, count: number, gapShare = 0): Float64Array {
  const rng = new SplitMix64(seed)
  let price = 50_000
  return Float64Array.from({ length: count }, () => {
    price *= Math.exp(0.001 * (rng.next() + rng.next() + rng.next() - 1.5))
    return rng.next() < gapShare ? Number.NaN : Number(price.toFixed(2))
  })
}

/** A database with minutes, and states over it that can be stopped and started. */
export class VolatilityLab {
  readonly clock: TestClock
  readonly db: Database
  readonly minutes: SqliteMinuteStore
  readonly store: SqliteVolatilityStateStore
  readonly log = new TestLogger()
  readonly assets: readonly string[]
  sources: PriceSourceLookup
  parameters: ParameterSource = defaultParameterSource
  sets = publishedSets()
  storeEveryMs = 0
  bugs: unknown[] = []

  constructor(startAtMs: number, options: { assets?: readonly string[]; path?: string } = {}) {
    this.clock = new TestClock(startAtMs)
    const path = options.path ?? join(temporaryFolder(), 'states.sqlite')
    this.db = openDatabase({ path, migrationsDir: join(root, 'migrations'), clock: this.clock })
    onTestFinished(() => void this.db.close())
    this.minutes = new SqliteMinuteStore(this.db, this.clock)
    this.store = new SqliteVolatilityStateStore(this.db, this.clock)
    this.assets = options.assets ?? ['BTC']
    this.sources = (asset) => ({ venue: 'binanceSpot', symbol: `${asset}USDT` })
  }

  /** Slots as in the minute store: a close, NaN for a declared gap, 0 for unknown. */
  write(series: MinuteSeries, fromMs: number, slots: ArrayLike<number>): void {
    const batch = new MinuteBatch()
    for (let i = 0; i < slots.length; i += 1) {
      const slot = slots[i]!
      if (slot > 0) batch.setClose(fromMs + i * minuteMs, slot)
      else if (Number.isNaN(slot)) batch.declareGap(fromMs + i * minuteMs)
    }
    this.minutes.write([{ series, batch, origin: 'recorded' }])
  }

  start(): Promise<ForecastStates> {
    const { minutes, store, sets, parameters, clock, log, assets, storeEveryMs } = this
    return ForecastStates.start(
      {
        minutes,
        store,
        sources: (asset, atMs) => this.sources(asset, atMs),
        sets,
        parameters,
        clock,
        log,
        storeEveryMs,
        onBug: (error) => void this.bugs.push(error),
      },
      assets,
    )
  }

  forgetStates(): void {
    this.db.exec('delete from volatility_states')
  }

  /** What a start gives that knows nothing but the minutes. The stored states are gone after it. */
  async replayed(asset = 'BTC'): Promise<string> {
    this.forgetStates()
    const states = await this.start()
    await states.stop()
    return bitsOf(states, asset)
  }
}

/** All numbers of an asset's state; equal texts are equal bits, since JSON writes the shortest decimal that reads back. */
export function bitsOf(states: ForecastStates, asset = 'BTC'): string {
  const ewma = states.readEwma(asset)
  const memories = horizons.map((horizon) => {
    const snapshot = states.readMemory(asset, horizon)?.snapshot()
    return snapshot === undefined ? 'none' : encodeState(snapshot)
  })
  return [ewma === undefined ? 'none' : encodeState(ewma), ...memories].join('\n')
}
