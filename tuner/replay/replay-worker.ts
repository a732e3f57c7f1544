/** A thread of the replay: its own connection, scorer and sampler, kept from job to job. */
import { workerData } from 'node:worker_threads'
import { systemClock } from '#adapters/clock/system-clock'
import { sha256Hex } from '#adapters/files/output-file'
import { readParameterFolder } from '#adapters/files/parameter-folder'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { connectDatabase } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { SqliteJournalReader } from '#adapters/sqlite/prediction-reader'
import { SqliteRealizedPathStore } from '#adapters/sqlite/realized-path-store'
import { SqliteScoreStore } from '#adapters/sqlite/score-store'
import { handleJob, type JobReply, type JobSpec } from '#core/engine/job-handlers'
import type { JsonValue } from '#core/json/strict-json'
import { createPriceSourceLookup, createScoredSources } from '#core/market/price-sources'
import { CalibratedSets } from '#core/models/states/calibrated-sets'
import { PathKernel } from '#core/paths/kernel/path-kernel'
import { PathSampler } from '#core/paths/path-sampler'
import { openReforecast } from '#core/replay/reforecast'
import { ReplayRulesLookup } from '#core/replay/replay-rules'
import { scoreDay, scoreDayKind, servedPaths } from '#core/replay/score-day'
import { AnswerScorer } from '#core/scoring/answer-scorer'
import type { ReplayWorkerData } from './worker-data.ts'

const data = workerData as ReplayWorkerData
const clock = systemClock
// The other threads and the miner write too, each a moment at a time.
const db = connectDatabase({ path: data.dbPath, busyTimeoutMs: 30_000 })
const scorer = new AnswerScorer()
const kernel = new PathKernel()
const sampler = new PathSampler(kernel)
const writePrices = kernel.writePrices.bind(kernel)
const journal = new SqliteJournalReader(db, { sampler, writePrices })
const realised = new SqliteRealizedPathStore(db, clock)
const scores = new SqliteScoreStore(db)
const book = loadRegimeBook(data.regimesFile)
const rules = new Map<string | undefined, ReplayRulesLookup>()
const minutes = new SqliteMinuteStore(db, clock)
const seriesOf = createPriceSourceLookup(createScoredSources(book, { pythHistory: data.pythHistory }))
let sets: CalibratedSets | undefined

const handlers = {
  [scoreDayKind]: (input: JsonValue) =>
    scoreDay(
      {
        openPaths: (job, prompts) =>
          job.spec === null
            ? servedPaths(journal)
            : openReforecast({ journal, minutes, seriesOf, sets: loadSets(), sampler }, job.spec, job, prompts),
        realisedPath: (prompt, series) => realised.find({ ...prompt, series })?.prices,
        rulesOf: (prompt, regime) => rulesUnder(regime).of(prompt),
        scorer,
        save: (rows) => scores.saveScores(rows),
        nowMs: () => clock.nowMs(),
      },
      input,
    ),
}

export function runJob(spec: JobSpec): Promise<JobReply> {
  return handleJob(handlers, spec)
}

function rulesUnder(regime: string | undefined): ReplayRulesLookup {
  const known = rules.get(regime) ?? new ReplayRulesLookup(book, regime)
  rules.set(regime, known)
  return known
}

function loadSets(): CalibratedSets {
  sets ??= new CalibratedSets(
    data.parameterFolders.map(({ path, origin }) => readParameterFolder(path, origin)),
    sha256Hex,
  )
  return sets
}
