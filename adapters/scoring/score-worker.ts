/** Runs in a worker thread: one scorer for its life, one answer at a time. */
import type { ErrorCode } from '#core/base/errors/codes'
import { AnswerScorer, type TotalScore } from '#core/synth/scoring/answer-scorer'
import { ScoringError } from '#core/synth/scoring/score-plan'
import type { ScoreJob } from '#core/synth/scoring/score-pool'

/** Errors lose their class between threads, so an answer that cannot be scored comes back as a value. */
export type ScoreReply =
  | { readonly ok: true; readonly score: TotalScore }
  | {
      readonly ok: false
      readonly code: ErrorCode
      readonly message: string
      readonly details: ScoringError['details']
    }

const scorer = new AnswerScorer()

export function scoreJob(job: ScoreJob): ScoreReply {
  try {
    return { ok: true, score: scorer.scoreTotal(job.paths, job.real, job.options) }
  } catch (error) {
    if (!(error instanceof ScoringError)) throw error
    return { ok: false, code: error.code, message: error.message, details: error.details }
  }
}
