import { join } from 'node:path'
import { calibratedFolders, readCalibratedSets } from '#adapters/files/parameter-folder'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { acquireProcessLock } from '#adapters/lock/process-lock'
import { createVenues } from '#adapters/market/venues'
import { MinuteFolder } from '#adapters/minute-files/minute-folder'
import { refuseForeignFile } from '#adapters/sqlite/database'
import { SqliteGovernanceStore } from '#adapters/sqlite/governance-store'
import { openStartFiles } from '#adapters/sqlite/start-files'
import type { LoadedConfig } from '#core/base/config/load-config'
import { showConfig } from '#core/base/config/show-config'
import { HealthBoard, type PartHealth } from '#core/base/health/health-board'
import { ShutdownStack } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import { SplitMix64 } from '#core/base/random/rng'
import type { Clock } from '#core/base/time/clock'
import type { Uptime } from '#core/base/time/trusted-time'
import { CalibratedModel } from '#core/forecast/models/calibrated'
import type { ForecastQuestion, ModelAnswer } from '#core/forecast/models/volatility-model'
import type { SpotPrice } from '#core/forecast/paths/spot-price'
import { recordedAssets } from '#core/market/minutes/recorder-config'
import { createPriceSourceLookup, createScoredSources } from '#core/market/venues/price-sources'
import type { RunningAxon } from './axon/start-axons.ts'
import { composeGovernance } from './compose-governance.ts'
import { composeJournal } from './compose-journal.ts'
import { composeModels } from './compose-models.ts'
import { composeNetwork, type JoinSubnet } from './compose-network.ts'
import { composeRetention } from './compose-retention.ts'
import { composeStore } from './compose-store.ts'
import { composeTuning } from './compose-tuning.ts'
import type { DaemonConfig } from './config.ts'
import { startHealthServer } from './health/health-server.ts'
import type { MinuteRecorder } from './jobs/minute-recorder.ts'
import { startMinuteRecorder } from './jobs/start-minute-recorder.ts'
import { startVolatilityRefresh } from './jobs/volatility-refresh.ts'
import { readLastCloses } from './market/last-closes.ts'
import { describePrices } from './market/prices-health.ts'
import { startPriceBoard } from './market/start-price-board.ts'
import { ForecastStates } from './state/forecast-states.ts'

export interface Daemon {
  readonly healthUrl: string
  readonly board: HealthBoard
  /** Where validators reach it: one per hotkey, none without a wallet. */
  readonly axons: readonly RunningAxon[]
  readonly intake: Intake
  /** What the calibrated model forecasts now, whoever is the champion. */
  readonly calibrated: (question: ForecastQuestion) => ModelAnswer
  stop(): Promise<void>
}

/** What the miner has taken in of the market, for whoever moves its clock. */
export interface Intake {
  /** A round of recording at once; false: another one was under way. Forecasts follow from it when this resolves. */
  readonly recordNow: () => Promise<boolean>
  /** Whether every asset has a price of this instant or later. */
  readonly hasPricesSince: (atMs: number) => boolean
}

export interface Outside {
  /** The clock of the whole miner. */
  readonly clock: Clock
  /** Undefined when that is not the time of this computer. */
  readonly uptime?: Uptime
  readonly joinSubnet: JoinSubnet
  /** The source of all seeds of paths; by default the time of the start. */
  readonly processSeed?: bigint
  readonly log: Logger
  readonly logHealth: () => PartHealth
  readonly packageRoot: string
  readonly version: string
  readonly pid: number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly homeFolder: string
  /** A background part ended because of a bug: the process cannot be trusted any more. */
  readonly onBug: (error: unknown) => void
}

/** A start that fails anywhere stops what had started; otherwise the process would neither work nor end. */
export async function composeDaemon(loaded: LoadedConfig<DaemonConfig>, outside: Outside): Promise<Daemon> {
  const stack = new ShutdownStack({ log: outside.log, clock: outside.clock })
  try {
    return await composeOn(stack, loaded, outside)
  } catch (error) {
    await stack.stop()
    throw error
  }
}

/** The wiring of the miner, top to bottom in the order of starting; stopping goes in reverse. */
async function composeOn(stack: ShutdownStack, loaded: LoadedConfig<DaemonConfig>, outside: Outside): Promise<Daemon> {
  const { config } = loaded
  const { clock: wallClock, log, packageRoot, version } = outside
  // Only to spread retries; what must be repeatable has its own seed.
  const rng = new SplitMix64(BigInt(wallClock.nowMs()))
  // The defaults are a screen full; "miner config show" prints all.
  const settings = Object.fromEntries(
    showConfig(loaded)
      .filter(({ source }) => source !== 'default')
      .map(({ key, value, source }) => [key, `${JSON.stringify(value)} (${source})`]),
  )
  log.info({ event: 'miner.started', version, settings }, 'Miner starting')

  const book = loadRegimeBook(config.regimes.file)
  const board = new HealthBoard()
  board.register('log', outside.logHealth)
  board.set('rules', {
    state: 'ok',
    sentence: `${book.regimes.length} regimes known, the newest ${book.timelines.score.at(-1)?.regime.id}.`,
  })

  refuseForeignFile(config.db.path)
  const lock = await stack.use(
    'process lock',
    inOrder(() => acquireProcessLock(config.db.path, outside.pid)),
  )
  const lockedAtMonotonicMs = wallClock.monotonicMs()
  let damage: string | undefined
  const opened = await inOrder(() =>
    openStartFiles({
      path: config.db.path,
      migrationsDir: join(packageRoot, 'migrations'),
      clock: wallClock,
      log,
      onDamage: (sentence) => {
        damage = sentence
      },
    }),
  )
  const losses = new SqliteGovernanceStore(opened.governance.db).losses()
  // Until the clock is compared with what is known of the time.
  let present: Clock = wallClock
  const now = () => present.nowMs()
  const files = await composeStore(
    { stack, files: opened, now, log, packageRoot, onBug: outside.onBug },
    config.db.path,
  )
  board.register('database', () =>
    damage === undefined
      ? files.health()
      : {
          state: 'degraded',
          sentence: `${damage} ${files.health().sentence}`,
          hint: 'Check the disk. Minutes are fetched again by themselves; "miner restore" puts a backup back. Shown until the next start.',
        },
  )

  const health = await stack.use('health page', startHealthServer({ board, version }, config.health))

  const { parameters, clock } = await composeGovernance({
    ...{ stack, board, log, losses },
    stored: files.governance,
    copyProblem: opened.governance.copy.problem,
    clock: wallClock,
    uptime: outside.uptime,
    onBug: outside.onBug,
    append: files.appendToLedger,
    saveTrusted: files.saveTrusted,
    recordStart: files.recordStart,
  })
  present = clock

  const assets = recordedAssets(config.recorder, book)
  const store = files.minutes
  const openFiles = (folder: string) => new MinuteFolder({ clock }, folder)
  const venues = createVenues({ clock, rng, openFiles }, config.market)
  const sources = createPriceSourceLookup(createScoredSources(book, { pythHistory: config.market.pythHistory }))
  const references = readLastCloses({ store, sources }, assets, clock.nowMs())
  const { latest, streams, history: histories } = venues
  const prices = await stack.use(
    'prices',
    inOrder(() =>
      startPriceBoard(
        { latest, streams, scored: sources, references, clock, rng, log, witness: clock },
        config.market,
        assets,
      ),
    ),
  )
  board.register('prices', () => describePrices(prices.readAll(), prices.venues()))
  const states = await stack.use(
    'volatility',
    ForecastStates.start(
      {
        minutes: store,
        store: files.states,
        sources,
        sets: readCalibratedSets(calibratedFolders(packageRoot, config.models.parametersDir)),
        parameters,
        clock,
        log,
        onBug: outside.onBug,
        storeEveryMs: config.volatility.storeEverySeconds * 1_000,
      },
      assets,
    ),
  )
  board.register('volatility', () => states.health())
  let recorder: MinuteRecorder | undefined
  if (config.recorder.enabled) {
    const started = startMinuteRecorder(
      { store, histories, sources, clock, log, listener: states },
      { ...config.recorder, assets },
    )
    started.finished.catch(outside.onBug)
    await stack.use('minute recorder', { stop: started.stop })
    const working = started.recorder
    recorder = working
    board.register('minutes', () => working.health())
  } else {
    board.set('minutes', {
      state: 'notConfigured',
      sentence: 'Minutes are not recorded.',
      hint: 'Set recorder.enabled to true.',
    })
    // Another program may write minutes into the same database.
    const refresh = startVolatilityRefresh({ clock, log }, states)
    refresh.finished.catch(outside.onBug)
    await stack.use('volatility refresh', refresh)
  }

  const journal = await composeJournal({ stack, board, clock, rng, log, keptBefore: files.countPredictions() }, config)
  await composeRetention({ stack, rows: files.oldRows, prices: files.prices, clock, rng, log }, config)
  if (lock.abandonedBy !== undefined) {
    const fields = { event: 'miner.recovered', pid: lock.abandonedBy, rows: files.countPredictions() }
    const { state } = states.health()
    log.info({ ...fields, state }, 'The previous miner was killed; what it had written is intact')
  }
  const calibrated = new CalibratedModel(
    states.readMemory,
    (asset, horizon) => parameters.inForce().of(asset).calibrated?.[horizon],
  )
  const models = await composeModels(
    {
      stack,
      board,
      store,
      sources,
      clock,
      log,
      onBug: outside.onBug,
      yardstick: (question) => calibrated.forecast(question),
    },
    config.models,
  )

  const spot: SpotPrice = { spotPrice: (asset) => prices.read(asset) }
  const { env, homeFolder, onBug } = outside
  const forecasting = {
    parameters,
    readEwma: states.readEwma,
    readMemory: states.readMemory,
    journal,
    findModel: (name: string) => {
      const model = models?.find(name)
      return model === undefined ? undefined : { model, versionOf: () => model.version }
    },
  }
  const parts = {
    stack,
    board,
    metagraphs: files.metagraphs,
    spot,
    clock,
    rng,
    log,
    env,
    homeFolder,
    packageRoot,
    lockedAtMonotonicMs,
    onBug,
    book,
    forecasting,
    processSeed: outside.processSeed ?? BigInt(clock.nowMs()),
  }
  const { axons, ownUids } = await composeNetwork(parts, config, outside.joinSubnet)
  await composeTuning({ stack, board, runs: files.runs, clock, rng, log, packageRoot, env, ownUids }, loaded)

  board.enter('running')
  log.info({ event: 'miner.ready', healthUrl: health.url, state: board.report().state }, 'Miner ready')

  return {
    healthUrl: health.url,
    board,
    axons,
    calibrated: (question) => calibrated.forecast(question),
    intake: {
      recordNow: async () => {
        const outcome = await recorder?.tick(clock.nowMs())
        await states.settled()
        return outcome !== 'dropped'
      },
      hasPricesSince: (atMs) => prices.readAll().every((price) => price.ok && price.publishedAtMs >= atMs),
    },
    stop: async () => {
      board.enter('draining')
      await stack.stop()
      board.enter('stopped')
      log.info({ event: 'miner.stopped' }, 'Miner stopped')
    },
  }
}

/** Turns a throw at start into a rejection, so that the stack stops what had started. */
async function inOrder<T>(start: () => T): Promise<T> {
  return start()
}
