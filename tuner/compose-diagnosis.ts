import { join, resolve } from 'node:path'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteFieldForecastStore } from '#adapters/sqlite/field-forecast-store'
import { SqliteFieldStore } from '#adapters/sqlite/field-store'
import { SqliteFileScoreStore } from '#adapters/sqlite/file-score-store'
import { countPredictions, SqliteJournalReader } from '#adapters/sqlite/prediction-reader'
import { SqliteRealisedPathStore } from '#adapters/sqlite/realised-path-store'
import { SqliteRegistrationStore } from '#adapters/sqlite/registration-store'
import { SqliteScoreStore } from '#adapters/sqlite/score-store'
import { AppError, UsageError } from '#core/base/errors/app-error'
import { hourSeconds } from '#core/base/time/units'
import { findPrediction } from '#core/forecast/journal/find-prediction'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { PathSampler } from '#core/forecast/paths/path-sampler'
import { formatInstant } from '#core/synth/regimes/instant'
import { findRegime } from '#core/synth/regimes/timeline'
import { explainPrediction } from '#core/tuning/diagnosis/explain'
import { fanOf } from '#core/tuning/diagnosis/fan'
import { readScoresOf } from '#core/tuning/diagnosis/read-scores'
import { servedModel } from '#core/tuning/replay/prediction-score'
import { ReplayRulesLookup } from '#core/tuning/replay/replay-rules'
import type { RealisedShare } from '#core/tuning/shadow/earnings'
import { fetchPay } from '#core/tuning/shadow/fetch-pay'
import { registrationsOf } from '#core/tuning/shadow/hands'
import { createOwnScores } from '#core/tuning/shadow/own-scores'
import { readShadowReport, type ShadowSources } from '#core/tuning/shadow/read-report'
import type { DiagnoseContext } from './commands/diagnose.ts'
import type { ExplainContext } from './commands/explain.ts'
import type { ShadowContext } from './commands/shadow/context.ts'
import { openRealised, openVenues } from './compose-prices.ts'
import type { OpenDeps } from './compose-replay.ts'

/** What was served, its scores and the real prices. */
function openScores({ clock, config, packageRoot, log }: OpenDeps) {
  const book = loadRegimeBook(config.regimes.file)
  const db = openDatabase({ path: config.db.path, migrationsDir: join(packageRoot, 'migrations'), clock })
  const venues = openVenues({ clock, config })
  const kernel = new PathKernel()
  const paths = new SqliteRealisedPathStore(db, clock)
  const realised = openRealised({ clock, config, log }, venues, { book, db, paths })
  const journal = new SqliteJournalReader(db, {
    sampler: new PathSampler(kernel),
    writePrices: kernel.writePrices.bind(kernel),
  })
  const readReal = async ({ prompt }: PredictionRecord): Promise<Float64Array> => {
    const answer = await realised.read({
      asset: prompt.asset,
      startAtMs: prompt.startAtSeconds * 1000,
      timeLengthSeconds: prompt.lengthSeconds,
      stepSeconds: prompt.stepSeconds,
    })
    if (answer.ok) return answer.prices
    throw new AppError('REAL_PATH_MISSING', `The real prices are not known: ${answer.message}.`, {
      hint: 'Run "tuner minutes status" to see what is recorded.',
    })
  }
  return {
    book,
    db,
    pay: { api: venues.synthApi, taoHistory: venues.history.get('binanceSpot')! },
    journal,
    readReal,
    scores: new SqliteScoreStore(db),
    close: () => void db.close(),
  }
}

export function openDiagnosis(deps: OpenDeps): DiagnoseContext {
  const opened = openScores(deps)
  const { book, db, journal, readReal, scores, close } = opened
  const field = new SqliteFieldStore(db, deps.clock)
  return {
    book,
    listAssets: () => scores.listAssets(),
    readField: (kind, window) => field.read(kind, window),
    readRows: ({ regime, ...window }, model) => {
      const rules = new ReplayRulesLookup(book)
      const named = regime === undefined ? undefined : findRegime(book, regime).id
      return readScoresOf(scores, window, model, (prompt) => named ?? rules.regimeIdOf(prompt))
    },
    readShadow: async ({ fromMs, toMs }, model) => {
      try {
        const report = readShadowReport(shadowSources(opened, deps), {
          ...{ model, fromMs, nowMs: toMs, joinedAtMs: undefined, isExternalOn: false, mostUpdates: chartUpdates },
          ...({ source: 'journal', unrecorded: 'skip' } as const),
        })
        const { pay, problems } = await fetchPay(opened.pay, { fromMs, toMs }, deps.clock.nowMs(), {
          signal: AbortSignal.timeout(longestPayMs),
        })
        return {
          report: { ...report, problems: [...report.problems, ...problems] },
          pay,
          realised: realisedOf(deps),
        }
      } catch (error) {
        // A page without the field is a page all the same.
        if (error instanceof AppError && error.code === 'NOTHING_SCORED') return undefined
        throw error
      }
    },
    readFan: async ({ predictionId, model, total }) => {
      const record = model === servedModel ? journal.find(predictionId) : undefined
      const reading = record === undefined ? undefined : journal.readPaths(predictionId)
      if (record === undefined || reading === undefined || !reading.ok) return undefined
      const { asset, startAtSeconds, lengthSeconds, stepSeconds } = record.prompt
      const start = { atMs: startAtSeconds * 1000, stepSeconds }
      const title = `${asset} ${lengthSeconds / hourSeconds}h from ${formatInstant(start.atMs)}, score ${total?.toFixed(1) ?? 'none'}`
      return fanOf(title, reading.paths, await readReal(record), start)
    },
    close,
  }
}

export function openExplain(deps: OpenDeps): ExplainContext {
  const { book, journal, readReal, close } = openScores(deps)
  return {
    explain: async (name, { regime }) => {
      const record = findPrediction(journal, name)
      const { id } = record
      const reading = journal.readPaths(id)
      if (!reading.ok)
        throw new AppError('PREDICTION_UNREADABLE', `The paths of ${id} cannot be used: ${reading.detail}.`)
      const { asset, startAtSeconds, lengthSeconds } = record.prompt
      const startAtMs = startAtSeconds * 1000
      if (regime !== undefined) findRegime(book, regime)
      const rules = new ReplayRulesLookup(book, regime).of({ asset, startAtMs, timeLengthSeconds: lengthSeconds })
      if (!rules.ok) throw new UsageError('USAGE', `${asset} of ${lengthSeconds} s is not scored: ${rules.reason}.`, {})
      return {
        id,
        asset,
        startAtMs,
        timeLengthSeconds: lengthSeconds,
        model: record.model.name,
        rung: record.rung,
        regime: rules.regimeId,
        explanation: explainPrediction({
          paths: reading.paths,
          real: await readReal(record),
          rule: rules.rule,
          startAtMs,
        }),
      }
    },
    close,
  }
}

/** Points of a chart. */
const chartUpdates = 96
/** The page is made at night, and must not wait for a network that is not there. */
const longestPayMs = 10_000

type Opened = ReturnType<typeof openScores>

function shadowSources({ book, db, journal, scores }: Opened, { clock }: OpenDeps): ShadowSources {
  return {
    book,
    store: new SqliteFieldStore(db, clock),
    registrations: registrationsOf(new SqliteRegistrationStore(db).list()),
    readReceived: ({ asset, timeLengthSeconds }, { fromMs, toMs }) =>
      journal.receivedAt(asset, timeLengthSeconds, fromMs, toMs),
    readScores: createOwnScores(scores, new ReplayRulesLookup(book)),
    isJournalEmpty: () => countPredictions(db) === 0,
  }
}

function realisedOf({ config: { shadow } }: OpenDeps): RealisedShare {
  return { share: shadow.realisedShare, measuredOn: shadow.realisedShareOn }
}

export function openShadow(deps: OpenDeps): ShadowContext {
  const opened = openScores(deps)
  const { book, db, close, pay, scores } = opened
  const rules = new ReplayRulesLookup(book)
  return {
    ...shadowSources(opened, deps),
    ...pay,
    listAssets: () => scores.listAssets(),
    listServed: (starts, assets) => {
      const filter = { ...starts, ...(assets === undefined ? {} : { assets }) }
      const totals = scores.listTotals({ ...filter, model: servedModel })
      // A replay under other rules leaves rows beside those of the date.
      const ofDate = totals.filter((row) => (rules.regimeIdOf(row) ?? row.regime) === row.regime)
      const known = new Map(ofDate.map((row) => [row.predictionId, row]))
      return scores.listCandidates(filter, servedModel).map(({ id, asset, startAtMs, timeLengthSeconds }) => {
        const { total = null, problem = null } = known.get(id) ?? {}
        return { id, asset, startAtMs, timeLengthSeconds, total, problem }
      })
    },
    realised: realisedOf(deps),
    fileScores: (folder) => new SqliteFileScoreStore(db, deps.clock).list(resolve(folder)),
    saveRegistrations: (rows) => new SqliteRegistrationStore(db).savePublic(rows),
    readForecasts: createOwnScores(new SqliteFieldForecastStore(db), rules),
    close,
  }
}
