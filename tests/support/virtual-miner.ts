/** A miner that lives as fast as its prompts can be answered: its parts are the real ones, its market and time are not. */

import type { Database } from '#adapters/sqlite/database'
import { SqliteGovernanceStore } from '#adapters/sqlite/governance-store'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { SqliteVolatilityStateStore } from '#adapters/sqlite/volatility-state-store'
import { minuteMs } from '#core/base/time/units'
import type { CalibratedSets } from '#core/forecast/models/states/calibrated-sets'
import { MinuteBatch } from '#core/market/minutes/minute-batch'
import { floorToMinute } from '#core/market/minutes/minute-day'
import type { MinuteSeries } from '#core/market/minutes/minute-store'
import { createPriceSourceLookup } from '#core/market/venues/price-sources'
import type { Prompt } from '#core/synth/prompts/prompt'
import { startLiveParameters } from '#daemon/governance/live-parameters'
import { defaultJournalConfig } from '#daemon/journal/config'
import { ThreadedJournal } from '#daemon/journal/threaded-journal'
import { startWriterThread } from '#daemon/journal/writer-thread'
import { ForecastStates } from '#daemon/state/forecast-states'
import type { SyntheticMarket } from '#standins/market/synthetic/synthetic-market'
import { startForecasts } from './forecasting.ts'
import { madeBook, madeSources } from './made-journal.ts'
import type { TestClock } from './test-clock.ts'
import { openGovernanceOf } from './test-database.ts'
import { TestLogger } from './test-logger.ts'

export interface VirtualMinerOptions {
  readonly db: Database
  readonly dbPath: string
  readonly clock: TestClock
  readonly market: SyntheticMarket
  readonly assets: readonly string[]
  readonly sets: CalibratedSets
}

const lookupSource = createPriceSourceLookup(madeSources)
/** How long before the start of its forecast a prompt comes. */
export const promptLeadMs = 45_000

export function scoredSeriesOf(asset: string, atMs: number): MinuteSeries {
  const source = lookupSource(asset, atMs)
  if (source === undefined) throw new Error(`nobody scores ${asset}`)
  return { asset, venue: source.venue, symbol: source.symbol }
}

/** Everything from the price to the record on disk; minutes are taken from the market up to the one that runs now. */
export async function startVirtualMiner({ db, dbPath, clock, market, assets, sets }: VirtualMinerOptions) {
  const log = new TestLogger()
  const bugs: unknown[] = []
  const onBug = (error: unknown): void => void bugs.push(error)
  const minutes = new SqliteMinuteStore(db, clock)
  let storedToMs = market.originMs
  /** As the recorder leaves them: closes, and declared gaps where nobody traded. */
  const record = (): MinuteSeries[] => {
    const endMs = floorToMinute(clock.nowMs())
    const writes = assets.map((asset) => {
      const batch = new MinuteBatch()
      for (let openAtMs = storedToMs; openAtMs < endMs; openAtMs += minuteMs) {
        const close = market.minuteClose(asset, openAtMs)
        if (close === undefined) batch.declareGap(openAtMs)
        else batch.setClose(openAtMs, close)
      }
      return { series: scoredSeriesOf(asset, clock.nowMs()), batch, origin: 'recorded' as const }
    })
    if (endMs > storedToMs) minutes.write(writes)
    storedToMs = Math.max(storedToMs, endMs)
    return writes.map(({ series }) => series)
  }
  record()

  const governance = openGovernanceOf(dbPath)
  new SqliteGovernanceStore(governance).recordStart(clock.nowMs())
  const live = startLiveParameters({ ledger: new SqliteLedgerStore(governance), clock, log })
  live.finished.catch(onBug)
  const { parameters } = live
  const store = new SqliteVolatilityStateStore(db, clock)
  const states = await ForecastStates.start(
    { minutes, store, sources: lookupSource, sets, parameters, clock, log, onBug },
    assets,
  )
  const config = { ...defaultJournalConfig(), sampling: 'all' as const }
  const { retainDays, retainBytes, minFreeBytes, waitMs } = config
  const options = { retainDays, retainBytes, minFreeBytes, waitMs }
  const startThread = () => startWriterThread({ dbPath, options })
  const journal = await ThreadedJournal.start({ clock, log, startThread, onDamage: () => onBug('damage') }, config)
  const forecasts = await startForecasts({
    clock,
    book: madeBook,
    parameters,
    journal,
    readEwma: states.readEwma,
    readMemory: states.readMemory,
    spot: {
      spotPrice: (asset) => {
        const priceUsd = market.priceAt(asset, clock.nowMs())
        if (priceUsd === undefined) return { ok: false, reason: 'no market' }
        return { ok: true, priceUsd, publishedAtMs: clock.nowMs(), venue: 'synthetic' }
      },
    },
  })
  return {
    log,
    forecastLog: forecasts.log,
    bugs,
    minutes,
    parameters,
    /** Advances the time; waiters for a minute are woken in turn, and the minutes that passed are stored. */
    advanceTo: async (atMs: number): Promise<void> => {
      await clock.advance(atMs - clock.nowMs())
      for (const series of record()) states.minutesStored(series)
      states.roundDone()
      await states.settled()
    },
    answer: (prompt: Prompt) => forecasts.texts.makeAnswerText(prompt),
    stop: async (): Promise<void> => {
      await forecasts.stop()
      await journal.stop()
      await states.stop()
      await live.stop()
      governance.close()
    },
  }
}

export type VirtualMiner = Awaited<ReturnType<typeof startVirtualMiner>>
