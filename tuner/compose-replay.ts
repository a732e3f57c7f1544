import { join } from 'node:path'
import { readSystemUptime } from '#adapters/clock/system-uptime'
import { isOwnerGone, nameOwner } from '#adapters/engine/process-owner'
import { ThreadJobRunner } from '#adapters/engine/thread-job-runner'
import { sha256Hex } from '#adapters/files/output-file'
import { calibratedFolders, readCalibratedSets } from '#adapters/files/parameter-folder'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { openModelFolder } from '#adapters/onnx/disk-model-folder'
import { ModelRuntime } from '#adapters/onnx/model-runtime'
import { type Database, openDatabase, openGovernanceDatabase } from '#adapters/sqlite/database'
import { SqliteFieldForecastStore } from '#adapters/sqlite/field-forecast-store'
import { SqliteGovernanceStore } from '#adapters/sqlite/governance-store'
import { SqliteJobStore } from '#adapters/sqlite/job-store'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { countPredictions } from '#adapters/sqlite/prediction-reader'
import { SqliteRealisedPathStore } from '#adapters/sqlite/realised-path-store'
import { SqliteScoreStore } from '#adapters/sqlite/score-store'
import type { EngineName, JobEngine } from '#core/base/engine/job-engine'
import { LeasedEngine } from '#core/base/engine/leased-engine'
import { canonicalJson } from '#core/base/json/canonical-json'
import type { JsonValue } from '#core/base/json/strict-json'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { contradictStored } from '#core/base/time/trusted-time'
import type { OnnxName } from '#core/forecast/models/model-names'
import { recordedAssets } from '#core/market/minutes/recorder-config'
import type { PairedScores } from '#core/tuning/governance/evidence'
import type { BlendScores } from '#core/tuning/governance/fit-blend'
import { replayLedger } from '#core/tuning/governance/governance-state'
import type { Ledger } from '#core/tuning/governance/ledger'
import { parametersInForce } from '#core/tuning/governance/parameters-in-force'
import { BufferedPathStore } from '#core/tuning/replay/buffered-path-store'
import { championModel, filesOf, type ModelRequest, type ModelSources } from '#core/tuning/replay/model-spec'
import { hashModelFiles } from '#core/tuning/replay/replay-files'
import { ReplayPairs } from '#core/tuning/replay/replay-pairs'
import { ReplayRulesLookup } from '#core/tuning/replay/replay-rules'
import { runReplay } from '#core/tuning/replay/run-replay'
import { fieldCandidates, fieldDayKind } from '#core/tuning/shadow/forecast-field'
import { loadFeatures } from '#models/registry/load-features'
import { openRealised, openVenues } from './compose-prices.ts'
import type { TunerConfig } from './config.ts'
import type { FieldReplay, ReplayContext, ReplaySettings } from './replay/context.ts'
import type { ReplayWorkerData } from './replay/worker-data.ts'

const isSource = import.meta.url.endsWith('.ts')

/** What every command that opens the database needs. */
export interface OpenDeps {
  readonly clock: Clock
  readonly config: TunerConfig
  readonly packageRoot: string
  readonly log: Logger
  /** Jobs at once, where nothing else is said. */
  readonly threads: number
}

/** Everything that a replay reads, writes and runs on. The daemon may have the database open at the same time. */
export function openReplay(
  { clock, config, packageRoot, log, threads }: OpenDeps,
  settings: ReplaySettings,
): ReplayContext & FieldReplay {
  const book = loadRegimeBook(config.regimes.file)
  const rules = new ReplayRulesLookup(book, settings.regime)
  const { models } = config
  const parameterFolders = calibratedFolders(packageRoot, models.parametersDir)
  const sets = readCalibratedSets(parameterFolders)
  const db = openDatabase({
    path: config.db.path,
    migrationsDir: join(packageRoot, 'migrations'),
    clock,
    busyTimeoutMs: 30_000,
  })
  const scores = new SqliteScoreStore(db)
  const paths = new BufferedPathStore(new SqliteRealisedPathStore(db, clock))
  const realised = openRealised({ clock, config, log }, openVenues({ clock, config }), { book, db, paths })
  const workerData: ReplayWorkerData = {
    dbPath: config.db.path,
    regimesFile: config.regimes.file,
    pythHistory: config.market.pythHistory,
    models: {
      ...{ dir: models.dir, servers: models.servers },
      ...{ deadlineMs: models.deadlineMs, largestSdRatio: models.largestSdRatio },
    },
    parameterFolders,
  }
  const runner = new ThreadJobRunner({
    worker: {
      filename: new URL(`./replay/replay-worker${isSource ? '.ts' : '.js'}`, import.meta.url).href,
      execArgv: isSource ? ['--import', 'tsx'] : [],
    },
    workerData,
    threads: settings.threads ?? threads,
  })
  const withGovernance = <T>(use: (governance: Database) => T): T => {
    const governance = openGovernanceDatabase({
      path: config.db.path,
      migrationsDir: join(packageRoot, 'migrations'),
      clock,
      busyTimeoutMs: 30_000,
    })
    try {
      return use(governance)
    } finally {
      governance.close()
    }
  }
  const uptime = readSystemUptime()
  const engines: Readonly<Record<EngineName, () => JobEngine>> = {
    embedded: () =>
      new LeasedEngine({
        store: new SqliteJobStore(db),
        runner,
        clock,
        log,
        owner: nameOwner(clock.nowMs()),
        isGone: isOwnerGone,
        doubt: () =>
          withGovernance((governance) =>
            contradictStored(new SqliteGovernanceStore(governance).readTrusted(), clock.nowMs(), uptime),
          ),
      }),
  }
  const deps = {
    scores,
    rules,
    realised,
    flushRealised: () => paths.flush(),
    hashText: sha256Hex,
    nowMs: () => clock.nowMs(),
    engine: engines[settings.engine ?? 'embedded'](),
  }
  const setNames = sets.list().map(({ asset, horizon, hash }) => `${asset} ${horizon} ${hash}`)
  const setsHash = sha256Hex(canonicalJson(setNames.sort()))
  const hashFiles = async (names: readonly OnnxName[]): Promise<ModelSources['files']> => {
    if (names.length === 0) return {}
    const runtime = new ModelRuntime({ clock, log, servers: models.servers })
    const folder = models.dir === undefined ? undefined : openModelFolder(models.dir).folder
    try {
      return await hashModelFiles(
        { folder, runtime, features: await loadFeatures(), hashText: sha256Hex, deadlineMs: models.deadlineMs },
        names,
      )
    } finally {
      await runtime.stop()
    }
  }
  const sourcesOf = async (request: ModelRequest): Promise<ModelSources> => {
    const assets = [...new Set([...scores.listAssets(), ...recordedAssets(config.recorder, book)])].sort()
    const inForce =
      request.model === championModel
        ? withGovernance((governance) =>
            parametersAt(new SqliteLedgerStore(governance), request.atMs ?? clock.nowMs(), assets),
          )
        : undefined
    const files = await hashFiles(filesOf(request, inForce, assets))
    return { setsHash, files, ...(inForce === undefined ? {} : { inForce }) }
  }
  const run: ReplayContext['run'] = (request, options) => runReplay(deps, request, options)
  return {
    book,
    database: config.db.path,
    countKept: () => countPredictions(db),
    scores,
    setsHash,
    sourcesOf,
    run,
    runField: (period, request, options) => {
      const store = new SqliteFieldForecastStore(db)
      const candidates = fieldCandidates({ book, store, rules }, period)
      const fieldScores = {
        ...candidates,
        listTotals: store.listTotals.bind(store),
        saveScores: store.saveScores.bind(store),
      }
      return runReplay({ ...deps, scores: fieldScores, jobKind: fieldDayKind }, { ...request, filter: {} }, options)
    },
    pairs: new ReplayPairs({
      run: (request, signal) => run(request, signal === undefined ? {} : { signal }),
      setsHash,
      hashText: sha256Hex,
      hashFiles,
    }),
    close: async () => {
      await runner.stop()
      db.close()
    },
  }
}

/** The ledger's parameters of all assets at an instant, under a name that no other parameters have. */
function parametersAt(ledger: Ledger, atMs: number, assets: readonly string[]): NonNullable<ModelSources['inForce']> {
  const inForce = parametersInForce(replayLedger(ledger.read()), atMs)
  const of = (asset: string) => inForce.of(asset)
  return { of, hash: sha256Hex(canonicalJson(assets.map((asset) => [asset, of(asset)] as unknown as JsonValue))) }
}

/** The evidence for proposals; threads and connections exist only during the measurement. */
export function openReplayPairs(deps: OpenDeps): PairedScores & BlendScores {
  const within = async <T>(use: (pairs: PairedScores & BlendScores) => Promise<T>): Promise<T> => {
    const context = openReplay(deps, {})
    try {
      return await use(context.pairs)
    } finally {
      await context.close()
    }
  }
  return {
    readPairs: (question, signal) => within((pairs) => pairs.readPairs(question, signal)),
    scoreBlends: (question, signal) => within((pairs) => pairs.scoreBlends(question, signal)),
  }
}
