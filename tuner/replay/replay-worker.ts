/** A thread of the replay with its own connection, scorer and sampler, kept from job to job. */
import { workerData } from 'node:worker_threads'
import { systemClock } from '#adapters/clock/system-clock'
import { sha256Hex } from '#adapters/files/output-file'
import { readCalibratedSets } from '#adapters/files/parameter-folder'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { openModelFolder } from '#adapters/onnx/disk-model-folder'
import { ModelRuntime } from '#adapters/onnx/model-runtime'
import { connectDatabase } from '#adapters/sqlite/database'
import { SqliteFieldForecastStore } from '#adapters/sqlite/field-forecast-store'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { SqliteJournalReader } from '#adapters/sqlite/prediction-reader'
import { SqliteRealisedPathStore } from '#adapters/sqlite/realised-path-store'
import { SqliteScoreStore } from '#adapters/sqlite/score-store'
import { handleJob, type JobReply, type JobSpec } from '#core/base/engine/job-handlers'
import { canonicalJson } from '#core/base/json/canonical-json'
import type { JsonValue } from '#core/base/json/strict-json'
import type { Logger } from '#core/base/log/logger'
import { StoredCloses } from '#core/forecast/models/onnx/stored-closes'
import type { CalibratedSets } from '#core/forecast/models/states/calibrated-sets'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { PathSampler } from '#core/forecast/paths/path-sampler'
import { createPriceSourceLookup, createScoredSources } from '#core/market/venues/price-sources'
import { AnswerScorer } from '#core/synth/scoring/answer-scorer'
import type { ReplayModelSpec } from '#core/tuning/replay/model-spec'
import { openReforecast, type ReforecastDeps, type ReplayFiles } from '#core/tuning/replay/reforecast'
import { openModelFiles } from '#core/tuning/replay/replay-files'
import { ReplayRulesLookup } from '#core/tuning/replay/replay-rules'
import { type PathsOf, type ScoreDayDeps, scoreDay, scoreDayKind, servedPaths } from '#core/tuning/replay/score-day'
import { fieldDayKind, fieldRecord } from '#core/tuning/shadow/forecast-field'
import { loadFeatures } from '#models/registry/load-features'
import type { ReplayWorkerData } from './worker-data.ts'

const data = workerData as ReplayWorkerData
const clock = systemClock
// The other threads and the miner write too, each for a short time.
const db = connectDatabase({ path: data.dbPath, busyTimeoutMs: 30_000 })
const scorer = new AnswerScorer()
const kernel = new PathKernel()
const sampler = new PathSampler(kernel)
const writePrices = kernel.writePrices.bind(kernel)
const joinPlanes = kernel.joinPlanes.bind(kernel)
const journal = new SqliteJournalReader(db, { sampler, writePrices, joinPlanes })
const realised = new SqliteRealisedPathStore(db, clock)
const scores = new SqliteScoreStore(db)
const fieldForecasts = new SqliteFieldForecastStore(db)
const book = loadRegimeBook(data.regimesFile)
const rules = new Map<string | undefined, ReplayRulesLookup>()
const minutes = new SqliteMinuteStore(db, clock)
const seriesOf = createPriceSourceLookup(createScoredSources(book, { pythHistory: data.pythHistory }))
let sets: CalibratedSets | undefined
let runtime: ModelRuntime | undefined
let opened: { readonly key: string; readonly manifests: Awaited<ReturnType<typeof openModelFiles>> } | undefined
/** A model's failure becomes the reason in the row without a score. */
const silentLogger: Logger = {
  ...{ fatal: () => {}, error: () => {}, warn: () => {}, info: () => {}, debug: () => {} },
  child: () => silentLogger,
}

const scoring: Pick<ScoreDayDeps, 'realisedPath' | 'rulesOf' | 'scorer' | 'nowMs'> = {
  realisedPath: (prompt, series) => realised.find({ ...prompt, series })?.prices,
  rulesOf: (prompt, regime) => rulesUnder(regime).of(prompt),
  scorer,
  nowMs: () => clock.nowMs(),
}

const handlers = {
  [scoreDayKind]: (input: JsonValue) =>
    scoreDay(
      {
        ...scoring,
        openPaths: (job, prompts) =>
          job.spec === null ? servedPaths(journal) : forecastAgain(journal, job.spec, job, prompts),
        save: (rows) => scores.saveScores(rows),
      },
      input,
    ),
  [fieldDayKind]: (input: JsonValue) =>
    scoreDay(
      {
        ...scoring,
        openPaths: (job, prompts) => {
          const records = new Map(
            prompts.map((prompt) => [prompt.id, fieldRecord({ book, minutes, seriesOf }, prompt)]),
          )
          // Nothing was served on these prompts, so the job always has a model.
          return forecastAgain({ find: (id) => records.get(id) }, job.spec!, job, prompts)
        },
        save: (rows) => fieldForecasts.saveScores(rows),
      },
      input,
    ),
}

async function forecastAgain(
  prompts: ReforecastDeps['journal'],
  spec: ReplayModelSpec,
  ...[job, toScore]: Parameters<ScoreDayDeps['openPaths']>
): Promise<PathsOf> {
  const deps = { journal: prompts, minutes, seriesOf, sets: loadSets(), sampler }
  if (Object.keys(spec.files).length === 0) return openReforecast(deps, spec, job, toScore)
  return openReforecast({ ...deps, files: await openFiles(spec.files) }, spec, job, toScore)
}

export function runJob(spec: JobSpec): Promise<JobReply> {
  return handleJob(handlers, spec)
}

function rulesUnder(regime: string | undefined): ReplayRulesLookup {
  const known = rules.get(regime) ?? new ReplayRulesLookup(book, regime)
  rules.set(regime, known)
  return known
}

/** The process of the models starts with the first job that needs one, and ends with this thread. */
async function openFiles(files: ReplayModelSpec['files']): Promise<ReplayFiles> {
  const { dir, servers, ...options } = data.models
  runtime ??= new ModelRuntime({ clock, log: silentLogger, servers })
  const folder = dir === undefined ? undefined : openModelFolder(dir).folder
  const key = canonicalJson(files)
  opened =
    opened?.key === key
      ? opened
      : {
          key,
          manifests: await openModelFiles(
            { folder, runtime, features: await loadFeatures(), hashText: sha256Hex },
            files,
          ),
        }
  const { manifests } = opened
  // Made for each job, because it keeps the last window of each asset.
  const closes = new StoredCloses({ store: minutes, sources: seriesOf })
  return { find: (name) => manifests.get(name), runtime, closes, clock, log: silentLogger, options }
}

function loadSets(): CalibratedSets {
  sets ??= readCalibratedSets(data.parameterFolders)
  return sets
}
