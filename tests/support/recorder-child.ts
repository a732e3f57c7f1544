/**
 * The recorder in a process of its own, for tests that kill it and for the bench that weighs it. `follow`: lives in the
 * stand-in's time and prints each commit as a line of JSON, after it. `stepped`: one tick for each message with a time.
 */

import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { followStandInClock } from '#adapters/market/follow-clock'
import { createVenues } from '#adapters/market/venues'
import { MinuteFolder } from '#adapters/minute-files/minute-folder'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { SqliteVolatilityStateStore } from '#adapters/sqlite/volatility-state-store'
import type { LogFields, Logger } from '#core/base/log/logger'
import { SplitMix64 } from '#core/base/random/rng'
import type { Clock } from '#core/base/time/clock'
import { dayMs, minuteMs } from '#core/base/time/units'
import { MarketConfig } from '#core/market/board/market-config'
import type { MinuteStore, MinuteWrite } from '#core/market/minutes/minute-store'
import { createPriceSourceLookup, createScoredSources } from '#core/market/venues/price-sources'
import type { VenueId } from '#core/market/venues/venue'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { MinuteRecorder } from '#daemon/jobs/minute-recorder'
import { startMinuteRecorder } from '#daemon/jobs/start-minute-recorder'
import { ForecastStates } from '#daemon/state/forecast-states'
import { standInSettings } from '#standins/market/server'
import { defaultParameterSource } from '#tests/support/default-source'
import { publishedSets } from './published-sets.ts'

export interface RecorderChildOptions {
  readonly mode: 'follow' | 'stepped'
  readonly dbPath: string
  readonly standInUrl: string
  readonly assets: readonly string[]
  readonly fillDays: number
  /** Whose rules say which series are recorded; the replayed minutes may be older than their venues. */
  readonly rulesAtMs: number
  readonly startAtMs: number
  /** `follow` only: volatility states are kept too. */
  readonly hasStates?: boolean
}

/** What was on the disk before the line was written. */
export interface CommitLine {
  readonly asset: string
  readonly closes: readonly (readonly [openAtMs: number, close: number])[]
}

/** In the idle minute before a tick V8 collects by itself; a bench that makes a minute of a moment has to ask for it. */
export interface StepMessage {
  readonly atMs: number
  readonly isCollected: boolean
}

export interface StepReport {
  readonly cpuMs: number
  readonly rssMb: number
}

const options = JSON.parse(process.argv[2] ?? '{}') as RecorderChildOptions
const silent: Logger = {
  fatal: complain,
  error: complain,
  warn: () => {},
  info: () => {},
  debug: () => {},
  child: () => silent,
}

function complain(fields: LogFields, sentence: string): void {
  console.error(sentence, fields)
}

/** Time that the parent sets. */
class SetClock implements Clock {
  atMs = options.startAtMs
  nowMs = () => this.atMs
  monotonicMs = () => this.atMs
  sleep = systemClock.sleep
}

function printingCommits(store: MinuteStore): MinuteStore {
  return new Proxy(store, {
    get: (target, name) => {
      if (name !== 'write') return (target[name as keyof MinuteStore] as (...args: unknown[]) => unknown).bind(target)
      return (writes: readonly MinuteWrite[]) => {
        const outcomes = target.write(writes)
        for (const { series, batch } of writes) {
          const closes = [...batch.days].flatMap(([day, slots]) =>
            [...slots.entries()].flatMap(([slot, close]) =>
              close > 0 ? [[day * dayMs + slot * minuteMs, close] as const] : [],
            ),
          )
          const line: CommitLine = { asset: series.asset, closes }
          writeSync(1, `${JSON.stringify(line)}\n`)
        }
        return outcomes
      }
    },
  })
}

function startStates(): Promise<ForecastStates> {
  const parts = { minutes: store, store: new SqliteVolatilityStateStore(db, clock), sets: publishedSets() }
  const rules = { sources: deps.sources, parameters: defaultParameterSource }
  const onBug = (error: unknown) => {
    console.error(error)
    process.exit(70)
  }
  return ForecastStates.start({ ...parts, ...rules, clock, log: silent, onBug }, options.assets)
}

const setClock = new SetClock()
const clock = options.mode === 'follow' ? await followStandInClock(options.standInUrl, systemClock) : setClock
const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
const db = openDatabase({ path: options.dbPath, migrationsDir, clock })
const store = new SqliteMinuteStore(db, clock)
const config = MarketConfig.parse({ ...standInSettings(options.standInUrl), historyDeadlineMs: 2_000 })
const openFiles = (folder: string) => new MinuteFolder({ clock }, folder)
const { history, latest } = createVenues({ clock, rng: new SplitMix64(1n), openFiles }, config)
const sourceOf = createPriceSourceLookup(
  createScoredSources(buildRegimeBook(builtInRegimes), { pythHistory: 'pythPro' }),
)
const deps = {
  histories: history,
  sources: (asset: string) => sourceOf(asset, options.rulesAtMs),
  clock,
  log: silent,
}
const settings = { assets: options.assets, fillDays: options.fillDays }

if (options.mode === 'follow') {
  const states = options.hasStates === true ? await startStates() : undefined
  const listener = states === undefined ? {} : { listener: states }
  await startMinuteRecorder({ ...deps, ...listener, store: printingCommits(store) }, settings).finished
} else {
  // A daemon reads current prices from the same venues: sockets and parsers are there before the recorder.
  const latestOf = { binanceSpot: 'BTCUSDT', hyperliquidPerp: 'xyz:GOLD' } as const
  for (const [venue, symbol] of Object.entries(latestOf)) await latest.get(venue as VenueId)?.fetchLatest([symbol])
  globalThis.gc?.()
  const recorder = new MinuteRecorder({ ...deps, store }, settings)
  const report = (before: NodeJS.CpuUsage): StepReport => {
    const { user, system } = process.cpuUsage(before)
    return { cpuMs: (user + system) / 1_000, rssMb: process.memoryUsage.rss() / 2 ** 20 }
  }
  process.on('message', ({ atMs, isCollected }: StepMessage) => {
    if (isCollected) globalThis.gc?.()
    const before = process.cpuUsage()
    setClock.atMs = atMs
    recorder.tick(atMs).then(
      () => process.send?.(report(before)),
      (error: unknown) => {
        console.error(error)
        process.exit(70)
      },
    )
  })
  process.send?.(report(process.cpuUsage()))
}
