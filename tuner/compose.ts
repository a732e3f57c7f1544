import { join } from 'node:path'
import { readSystemUptime } from '#adapters/clock/system-uptime'
import { calibratedFolders, readCalibratedSets } from '#adapters/files/parameter-folder'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { listOnnxNames } from '#adapters/onnx/disk-model-folder'
import { type Database, openDatabase, openDatabaseToRead } from '#adapters/sqlite/database'
import { SqliteFieldStore } from '#adapters/sqlite/field-store'
import { SqliteGovernanceStore } from '#adapters/sqlite/governance-store'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { SqlitePredictionChain } from '#adapters/sqlite/prediction-chain'
import { SqliteJournalReader } from '#adapters/sqlite/prediction-reader'
import { SqliteScoreStore } from '#adapters/sqlite/score-store'
import { SqliteServedAnswers } from '#adapters/sqlite/served-answers'
import { openGovernance as openGovernanceFile } from '#adapters/sqlite/sound-governance'
import { contradictStored } from '#core/base/time/trusted-time'
import { MinutePriceSeries } from '#core/forecast/models/minute-price-series'
import { championModels } from '#core/forecast/models/model-names'
import type { PriceSeriesSource } from '#core/forecast/models/price-series-source'
import type { CalibratedSets } from '#core/forecast/models/states/calibrated-sets'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { PathSampler } from '#core/forecast/paths/path-sampler'
import { recordedAssets } from '#core/market/minutes/recorder-config'
import { createPriceSourceLookup, createScoredSources } from '#core/market/venues/price-sources'
import { horizonOf } from '#core/synth/prompts/horizon'
import type { RegimeBook } from '#core/synth/regimes/book'
import { resolvePromptRules } from '#core/synth/regimes/resolve'
import { readScoresOf } from '#core/tuning/diagnosis/read-scores'
import { suggestionFacts } from '#core/tuning/diagnosis/suggestion-facts'
import type { ServedAnswers } from '#core/tuning/governance/reach'
import { servedModel } from '#core/tuning/replay/prediction-score'
import { ReplayRulesLookup } from '#core/tuning/replay/replay-rules'
import type { GovernanceContext } from './commands/governance/context.ts'
import type { JournalContext } from './commands/journal/context.ts'
import type { MinutesContext } from './commands/minutes/context.ts'
import { openVenues } from './compose-prices.ts'
import { type OpenDeps, openReplayPairs } from './compose-replay.ts'
import type { TunerConfig } from './config.ts'

/** What the commands about minutes work on. The daemon may have the database open at the same time. */
export function openMinutes({ clock, config, packageRoot }: OpenDeps): MinutesContext {
  const book = loadRegimeBook(config.regimes.file)
  const db = openDatabase({ path: config.db.path, migrationsDir: join(packageRoot, 'migrations'), clock })
  return {
    store: new SqliteMinuteStore(db, clock),
    assets: recordedAssets(config.recorder, book),
    sources: createPriceSourceLookup(createScoredSources(book, { pythHistory: config.market.pythHistory })),
    histories: openVenues({ clock, config }).history,
    close: () => void db.close(),
  }
}

/** What the commands of governance work on. The daemon may have the database open, and write, at the same time. */
export function openGovernance(deps: OpenDeps): GovernanceContext {
  const { clock, config, packageRoot } = deps
  const db = openDatabase({ path: config.db.path, migrationsDir: join(packageRoot, 'migrations'), clock })
  const governance = openGovernanceFile({
    path: config.db.path,
    migrationsDir: join(packageRoot, 'migrations'),
    clock,
  })
  const store = new SqliteGovernanceStore(governance.db, governance.copy)
  const uptime = readSystemUptime()
  const scores = new SqliteScoreStore(db)
  const field = new SqliteFieldStore(db, clock)
  const book = loadRegimeBook(config.regimes.file)
  const rules = new ReplayRulesLookup(book)
  return {
    ledger: new SqliteLedgerStore(governance.db, governance.copy),
    evidence: store,
    facts: store,
    runs: store,
    scores: openReplayPairs(deps),
    diagnoses: {
      readFacts: async ({ asset, fromMs, toMs }) =>
        suggestionFacts(
          readScoresOf(scores, { fromMs, toMs, assets: [asset], competition: undefined }, servedModel, (prompt) =>
            rules.regimeIdOf(prompt),
          ),
          (kind, window) => field.read(kind, window),
        ),
    },
    served: openServed(deps, book, db),
    assets: recordedAssets(config.recorder, book),
    models: [...championModels, ...(config.models.dir === undefined ? [] : listOnnxNames(config.models.dir))],
    settings: config.governance,
    doubt: () => contradictStored(store.readTrusted(), clock.nowMs(), uptime),
    trustNow: () => store.saveTrusted({ atMs: clock.nowMs(), uptimeMs: uptime.uptimeMs(), bootId: uptime.bootId }),
    close: () => {
      governance.db.close()
      db.close()
    },
  }
}

function openServed({ clock, config, packageRoot }: OpenDeps, book: RegimeBook, db: Database): ServedAnswers {
  const journal = new SqliteServedAnswers(db)
  // Only of use before the first answer.
  let sets: CalibratedSets | undefined
  return {
    lastServed: (asset, horizon, count) => journal.lastServed(asset, horizon, count),
    isAsked: (asset, horizon) =>
      resolvePromptRules(book, { answerAtMs: clock.nowMs() }).promptProfiles.some(
        ({ assets, timeLengthSeconds }) => assets.includes(asset) && horizonOf(timeLengthSeconds) === horizon,
      ),
    isCalibrated: (asset, horizon) => {
      sets ??= readCalibratedSets(calibratedFolders(packageRoot, config.models.parametersDir))
      return sets.find(asset, horizon) !== undefined
    },
  }
}

/** The newest migration that the journal's tables need. */
const journalMigration = 50

/** What was served, read beside a running miner and without changing anything. */
export function openJournal(config: TunerConfig): JournalContext {
  const db = openDatabaseToRead({ path: config.db.path, lastMigration: journalMigration })
  const kernel = new PathKernel()
  const writePrices: JournalContext['writePrices'] = (target, offset, text) => kernel.writePrices(target, offset, text)
  return {
    reader: new SqliteJournalReader(db, { sampler: new PathSampler(kernel), writePrices }),
    chain: SqlitePredictionChain.find(db),
    writePrices,
    close: () => void db.close(),
  }
}

/** The daemon's minutes in the form for fitting, each asset from the series that scores it now. */
export function withMinutePrices<T>(deps: OpenDeps, use: (source: PriceSeriesSource) => T): T {
  const { store, sources, close } = openMinutes(deps)
  try {
    const nowMs = deps.clock.nowMs()
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
