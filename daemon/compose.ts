import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { acquireProcessLock } from '#adapters/lock/process-lock'
import { createVenues } from '#adapters/market/venues'
import { MinuteFolder } from '#adapters/minute-files/minute-folder'
import { type Database, openDatabase } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import type { LoadedConfig } from '#core/config/load-config'
import { showConfig } from '#core/config/show-config'
import { defaultParameterSource } from '#core/governance/default-source'
import { HealthBoard } from '#core/health/health-board'
import { ShutdownStack } from '#core/lifecycle/shutdown-stack'
import type { Logger } from '#core/log/logger'
import { createPriceSourceLookup, createScoredSources } from '#core/market/price-sources'
import type { SpotPrice } from '#core/paths/spot-price'
import { SplitMix64 } from '#core/random/rng'
import { composeNetwork } from './compose-network.ts'
import type { DaemonConfig } from './config.ts'
import { startHealthServer } from './health/health-server.ts'
import { startMinuteRecorder } from './jobs/start-minute-recorder.ts'
import { readLastCloses } from './market/last-closes.ts'
import { describePrices } from './market/prices-health.ts'
import { startPriceBoard } from './market/start-price-board.ts'

export interface Daemon {
  readonly healthUrl: string
  readonly board: HealthBoard
  stop(): Promise<void>
}

export interface Outside {
  readonly log: Logger
  readonly packageRoot: string
  readonly version: string
  readonly pid: number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly homeFolder: string
  /** A part that runs beside us ended on a bug: the process cannot be trusted any more. */
  readonly onBug: (error: unknown) => void
}

/** A start that fails anywhere unwinds what had started; else the process would neither work nor end. */
export async function composeDaemon(loaded: LoadedConfig<DaemonConfig>, outside: Outside): Promise<Daemon> {
  const stack = new ShutdownStack({ log: outside.log, clock: systemClock })
  try {
    return await composeOn(stack, loaded, outside)
  } catch (error) {
    await stack.stop()
    throw error
  }
}

/** The wiring of the miner, top to bottom in the order of starting; stopping walks it in reverse. */
async function composeOn(stack: ShutdownStack, loaded: LoadedConfig<DaemonConfig>, outside: Outside): Promise<Daemon> {
  const { config } = loaded
  const { log, packageRoot, version } = outside
  const clock = systemClock
  // Only for the spread of retries; what must be repeatable has a seed of its own.
  const rng = new SplitMix64(BigInt(clock.nowMs()))
  const settings = Object.fromEntries(
    showConfig(loaded).map((line) => [line.key, `${JSON.stringify(line.value)} (${line.source})`]),
  )
  log.info({ event: 'miner.started', version, settings }, 'Miner starting')

  const book = loadRegimeBook(config.regimes.file)
  const board = new HealthBoard()
  board.set('rules', {
    state: 'ok',
    sentence: `${book.regimes.length} regimes known, the newest ${book.timelines.score.at(-1)?.regime.id}.`,
  })

  await stack.use(
    'process lock',
    inOrder(() => acquireProcessLock(config.db.path, outside.pid)),
  )
  const db = await stack.use(
    'database',
    inOrder(() =>
      closeable(openDatabase({ path: config.db.path, migrationsDir: join(packageRoot, 'migrations'), clock })),
    ),
  )
  board.set('database', { state: 'ok', sentence: `${config.db.path} is open and up to date.` })

  const health = await stack.use('health page', startHealthServer({ board, version }, config.health))

  const { assets } = config.recorder
  const store = new SqliteMinuteStore(db, clock)
  const files = config.market.files.dir
  const venues = createVenues(
    { clock, rng },
    config.market,
    files === undefined ? [] : [new MinuteFolder({ clock }, files)],
  )
  const sources = createPriceSourceLookup(createScoredSources(book, { pythHistory: config.market.pythHistory }))
  const references = readLastCloses({ store, sources }, assets, clock.nowMs())
  const { latest, streams, history: histories } = venues
  const prices = await stack.use(
    'prices',
    inOrder(() =>
      startPriceBoard({ latest, streams, scored: sources, references, clock, rng, log }, config.market, assets),
    ),
  )
  board.register('prices', () => describePrices(prices.readAll(), prices.venues()))
  if (config.recorder.enabled) {
    const { recorder, finished, stop } = startMinuteRecorder({ store, histories, sources, clock, log }, config.recorder)
    finished.catch(outside.onBug)
    await stack.use('minute recorder', { stop })
    board.register('minutes', () => recorder.health())
  } else {
    board.set('minutes', {
      state: 'notConfigured',
      sentence: 'Minutes are not recorded.',
      hint: 'Set recorder.enabled to true.',
    })
  }

  const spot: SpotPrice = { spotPrice: (asset) => prices.read(asset) }
  const { env, homeFolder } = outside
  // Until a state is kept, every prompt is answered from the last rung: each asset's typical volatility.
  const forecasting = {
    parameters: defaultParameterSource,
    readEwma: () => undefined,
    readMemory: () => undefined,
  }
  await composeNetwork({ stack, board, db, spot, clock, rng, log, env, homeFolder, book, forecasting }, config)

  board.enter('running')
  log.info({ event: 'miner.ready', healthUrl: health.url, state: board.report().state }, 'Miner ready')

  return {
    healthUrl: health.url,
    board,
    stop: async () => {
      board.enter('draining')
      await stack.stop()
      board.enter('stopped')
      log.info({ event: 'miner.stopped' }, 'Miner stopped')
    },
  }
}

/** Turns a throw at start into a rejection, so that the stack unwinds what had started. */
async function inOrder<T>(start: () => T): Promise<T> {
  return start()
}

function closeable(db: Database): Database & { stop(): void } {
  return Object.assign(db, { stop: () => void db.close() })
}
