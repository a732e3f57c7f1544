/** Runs in a worker thread: reads, checks, keeps and scores answers, one at a time. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { PathSampler } from '#core/forecast/paths/path-sampler'
import { readJson } from '#core/synth/scoring/answer-json'
import { pathMatrixOf } from '#core/synth/scoring/answer-paths'
import { AnswerScorer } from '#core/synth/scoring/answer-scorer'
import { validateAnswer } from '#core/synth/scoring/answer-validation'
import type { PathMatrix } from '#core/synth/scoring/crps'
import { memberOf } from '#core/synth/scoring/json-tape'
import { scorePrediction } from '#core/synth/scoring/score-prediction'
import type { ExamineTask, ExamineVerdict, SettledScores, SettleTask } from './judge-tasks.ts'
import { type RivalForecast, rivalForecasts } from './rival-forecasts.ts'

const scorer = new AnswerScorer()
const sampler = new PathSampler(new PathKernel())

export function judge(task: ExamineTask | SettleTask): ExamineVerdict | SettledScores {
  return task.kind === 'examine' ? examine(task) : settle(task)
}

function examine({ body, request, rule, keepAt }: ExamineTask): ExamineVerdict {
  const reading = readJson(Buffer.from(body).toString('utf8'))
  if (!reading.ok) return { isCorrect: false, message: `The answer is not JSON: ${reading.problem.message}` }
  const output = memberOf(reading.tape, 0, 'simulation_output')
  if (output === null) return { isCorrect: false, message: 'The answer holds no simulation_output' }
  const { isCorrect, message } = validateAnswer(reading.tape, output, request, rule)
  if (!isCorrect) return { isCorrect, message }
  const paths = pathMatrixOf(reading.tape, output)
  if (paths === null) return { isCorrect: false, message: 'The answer has nothing to score' }
  writeFileSync(keepAt, bytesOf(paths.values))
  return { isCorrect, message }
}

function settle(task: SettleTask): SettledScores {
  const { asset, startAtMs, stepSeconds, pathCount, real } = task
  const pointCount = real.length
  const kept = readFileSync(task.keptAt)
  const values = new Float64Array(kept.buffer.slice(kept.byteOffset, kept.byteOffset + kept.byteLength))
  const ours = scoreOf({ pathCount, pointCount, values }, task)
  rmSync(task.keptAt)
  const question = { asset, startAtMs, stepSeconds, stepCount: pointCount - 1 }
  const rivals = [...rivalForecasts(question, task.knownCloses), ...calibratedRival(task)].map(
    ({ name, forecast, arrangement, flatFirstPath }) => {
      const paths = sampler.sample({
        forecast,
        startPrice: task.knownPriceUsd,
        pathCount,
        // Each rival has its own draws, the same in every run of the same market.
        seed: BigInt(startAtMs) * 16n + BigInt(name.length),
        arrangement,
        flatFirstPath,
      })
      return [name, scoreOf(paths, task)] as const
    },
  )
  return { ours, rivals: Object.fromEntries(rivals) }
}

function calibratedRival({ calibrated }: SettleTask): RivalForecast[] {
  if (calibrated === undefined) return []
  const { forecast, intervals } = calibrated
  return [{ name: 'calibrated', forecast, arrangement: { kind: 'structured', intervals }, flatFirstPath: false }]
}

function scoreOf(paths: PathMatrix, { real, rule }: SettleTask): number {
  return scorePrediction(paths, real, rule, scorer.scoreTotal.bind(scorer)).total
}

function bytesOf(values: Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}
