import { join } from 'node:path'
import { isOwnerGone, nameOwner } from '#adapters/engine/process-owner'
import { ThreadJobRunner } from '#adapters/engine/thread-job-runner'
import { sha256Hex } from '#adapters/files/output-file'
import { readParameterFolder } from '#adapters/files/parameter-folder'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { createVenues } from '#adapters/market/venues'
import { MinuteFolder } from '#adapters/minute-files/minute-folder'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteJobStore } from '#adapters/sqlite/job-store'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { SqliteRealizedPathStore } from '#adapters/sqlite/realized-path-store'
import { SqliteScoreStore } from '#adapters/sqlite/score-store'
import { LeasedEngine } from '#core/engine/leased-engine'
import type { PairedScores } from '#core/governance/evidence'
import { canonicalJson } from '#core/json/canonical-json'
import type { Logger } from '#core/log/logger'
import { createScoredSources } from '#core/market/price-sources'
import { RealisedPaths } from '#core/market/realised-paths'
import { CalibratedSets } from '#core/models/states/calibrated-sets'
import { SplitMix64 } from '#core/random/rng'
import { BufferedPathStore } from '#core/replay/buffered-path-store'
import { givingUpArchive, givingUpHistory } from '#core/replay/give-up'
import { ReplayPairs } from '#core/replay/replay-pairs'
import { ReplayRulesLookup } from '#core/replay/replay-rules'
import { runReplay } from '#core/replay/run-replay'
import type { Clock } from '#core/time/clock'
import type { TunerConfig } from './config.ts'
import type { ReplayContext, ReplaySettings } from './replay/context.ts'
import type { ReplayWorkerData } from './replay/worker-data.ts'

const isSource = import.meta.url.endsWith('.ts')

/** What every command that opens the database needs. */
export interface OpenDeps {
  readonly clock: Clock
  readonly config: TunerConfig
  readonly packageRoot: string
  readonly log: Logger
}

/** Everything that a replay reads, writes and runs on. The daemon may have the database open at the same time. */
export function openReplay({ clock, config, packageRoot, log }: OpenDeps, settings: ReplaySettings): ReplayContext {
  const book = loadRegimeBook(config.regimes.file)
  const rules = new ReplayRulesLookup(book, settings.regime)
  const files = config.market.files.dir
  const { history, synthApi } = createVenues(
    { clock, rng: new SplitMix64(BigInt(clock.nowMs())) },
    config.market,
    files === undefined ? [] : [new MinuteFolder({ clock }, files)],
  )
  const { parametersDir } = config.models
  const parameterFolders: ReplayWorkerData['parameterFolders'] = [
    { path: join(packageRoot, 'models', 'published', 'calibrated'), origin: 'published' },
    // As the miner has them: its own sets win.
    ...(parametersDir === undefined ? [] : [{ path: parametersDir, origin: 'operator' } as const]),
  ]
  const sets = new CalibratedSets(
    parameterFolders.map(({ path, origin }) => readParameterFolder(path, origin)),
    sha256Hex,
  )
  const db = openDatabase({
    path: config.db.path,
    migrationsDir: join(packageRoot, 'migrations'),
    clock,
    busyTimeoutMs: 30_000,
  })
  const scores = new SqliteScoreStore(db)
  const paths = new BufferedPathStore(new SqliteRealizedPathStore(db, clock))
  const realised = new RealisedPaths({
    // What really happened at the venue of its day, whatever rules it is scored under.
    sources: createScoredSources(book, { pythHistory: config.market.pythHistory }),
    histories: new Map([...history].map(([venue, adapter]) => [venue, givingUpHistory(adapter)])),
    archive: givingUpArchive(synthApi),
    store: paths,
    recorded: new SqliteMinuteStore(db, clock),
    clock,
    log,
  })
  const workerData: ReplayWorkerData = {
    dbPath: config.db.path,
    regimesFile: config.regimes.file,
    pythHistory: config.market.pythHistory,
    parameterFolders,
  }
  const runner = new ThreadJobRunner({
    worker: {
      filename: new URL(`./replay/replay-worker${isSource ? '.ts' : '.js'}`, import.meta.url).href,
      execArgv: isSource ? ['--import', 'tsx'] : [],
    },
    workerData,
    ...(settings.threads === undefined ? {} : { threads: settings.threads }),
  })
  const engine = new LeasedEngine({
    store: new SqliteJobStore(db),
    runner,
    clock,
    log,
    owner: nameOwner(clock.nowMs()),
    isGone: isOwnerGone,
  })
  const deps = {
    scores,
    rules,
    realised,
    flushRealised: () => paths.flush(),
    hashText: sha256Hex,
    nowMs: () => clock.nowMs(),
    engine,
  }
  const setNames = sets.list().map(({ asset, grid, hash }) => `${asset} ${grid} ${hash}`)
  const setsHash = sha256Hex(canonicalJson(setNames.sort()))
  const run: ReplayContext['run'] = (request, options) => runReplay(deps, request, options)
  return {
    book,
    scores,
    setsHash,
    run,
    pairs: new ReplayPairs({
      run: (request, signal) => run(request, signal === undefined ? {} : { signal }),
      setsHash,
      hashText: sha256Hex,
    }),
    close: async () => {
      await runner.stop()
      db.close()
    },
  }
}

/** The evidence for proposals; threads and connections live only while it is measured. */
export function openReplayPairs(deps: OpenDeps): PairedScores {
  return {
    readPairs: async (question, signal) => {
      const context = openReplay(deps, {})
      try {
        return await context.pairs.readPairs(question, signal)
      } finally {
        await context.close()
      }
    },
  }
}
