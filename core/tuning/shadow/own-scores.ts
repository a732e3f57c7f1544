import type { FileScore } from '../prediction-files/prediction-file.ts'
import type { ScoreProblem } from '../replay/prediction-score.ts'
import type { ReplayRulesLookup } from '../replay/replay-rules.ts'
import type { ScoreReader } from '../replay/score-store.ts'
import type { FieldKind, FieldWindow } from './field.ts'

/** Replay's score of one of our answers, or of another model's answer to the same prompt. */
export interface OwnScore {
  readonly startAtMs: number
  /** Null: a miss, an answer that the validator counts as none. */
  readonly total: number | null
}

/** By the start of the prompt. */
export type ReadOwnScores = (kind: FieldKind, window: FieldWindow, model: string) => readonly OwnScore[]

/** The validator gives no number for these. Any other problem is ours: the score is not known. */
const misses: ReadonlySet<ScoreProblem> = new Set(['zeroPrice', 'notFinite', 'notScorable'])

/** Of a folder of predictions: a file that cannot be read is not known, and everything else without a number is a miss. */
export function ownScoresOfFiles(files: readonly FileScore[]): ReadOwnScores {
  return ({ asset, timeLengthSeconds }, { fromMs, toMs }) =>
    files.flatMap(({ startAtMs, total, problem, ...file }) =>
      file.asset === asset &&
      file.timeLengthSeconds === timeLengthSeconds &&
      startAtMs >= fromMs &&
      startAtMs <= toMs &&
      problem !== 'unreadable'
        ? [{ startAtMs, total }]
        : [],
    )
}

export function createOwnScores(
  scores: Pick<ScoreReader, 'listTotals'>,
  rules: Pick<ReplayRulesLookup, 'regimeIdOf'>,
): ReadOwnScores {
  return ({ asset, timeLengthSeconds }, { fromMs, toMs }, model) =>
    scores
      .listTotals({ assets: [asset], timeLengthSeconds, fromMs, toMs, model })
      // A replay under other rules leaves rows beside those of the date.
      .filter((row) => (rules.regimeIdOf(row) ?? row.regime) === row.regime)
      .flatMap(({ startAtMs, total, problem }) =>
        total !== null || (problem !== null && misses.has(problem)) ? [{ startAtMs, total }] : [],
      )
}
