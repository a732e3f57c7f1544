/** A thread that scores files of predictions, with its own scorer. It opens no database. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { workerData } from 'node:worker_threads'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { readPrediction } from '#adapters/prediction-files/read-prediction'
import { handleJob, type JobReply, type JobSpec } from '#core/base/engine/job-handlers'
import type { JsonValue } from '#core/base/json/strict-json'
import { AnswerScorer } from '#core/synth/scoring/answer-scorer'
import { ScoreFilesInput, scoreFilesKind } from '#core/tuning/prediction-files/score-folder'
import { type FileOutcome, scoreOneFile } from './score-one-file.ts'

const { regimesFile } = workerData as { readonly regimesFile: string | undefined }
const book = loadRegimeBook(regimesFile)
const scorer = new AnswerScorer()

const handlers = {
  [scoreFilesKind]: async (input: JsonValue) => {
    const { folder, regime, storage, files } = ScoreFilesInput.parse(input)
    const outcomes: FileOutcome[] = []
    for (const { file, row, prompt, real } of files) {
      const path = join(folder, file)
      const reading = await readPrediction(path, row)
      const readText = () => readFileSync(path, 'utf8')
      const rules = { book, regime: regime ?? undefined, storage: storage ?? undefined }
      const prices = Float64Array.from(real, (price) => price ?? Number.NaN)
      outcomes.push(scoreOneFile(rules, scorer, { name: file, reading, readText, prompt, real: prices }))
    }
    return outcomes as unknown as JsonValue
  },
}

export function runJob(spec: JobSpec): Promise<JobReply> {
  return handleJob(handlers, spec)
}
