import { type PredictionScore, scoreProblems } from '../replay/prediction-score.ts'
import type { ScoreReader, ScoreTotal } from '../replay/score-store.ts'
import type { ScoredPrediction } from './scored-prediction.ts'

export interface ScoreWindow {
  readonly fromMs: number
  readonly toMs: number
  readonly assets: readonly string[] | undefined
  readonly competition: string | undefined
}

/** Rows of one model with all details, and the totals of all others on the same prompts. */
export function readScoresOf(
  scores: Pick<ScoreReader, 'listModels' | 'listScores' | 'listTotals'>,
  { fromMs, toMs, assets, competition }: ScoreWindow,
  model: string,
): ScoredPrediction[] {
  const filter = {
    fromMs,
    toMs,
    ...(assets === undefined ? {} : { assets }),
    ...(competition === undefined ? {} : { competition }),
  }
  const others = scores.listModels().filter((name) => name !== model)
  return [
    ...scores.listScores({ ...filter, model }).map(detailed),
    ...others.flatMap((name) => scores.listTotals({ ...filter, model: name }).map((total) => totalOnly(total, name))),
  ]
}

function detailed({ outcome, ...score }: PredictionScore): ScoredPrediction {
  if (outcome.kind === 'problem') {
    return { ...score, total: null, problem: scoreProblems[outcome.problem], rows: [], facts: null }
  }
  const rows = [
    ...outcome.rows.price.map(([name, crps]) => ({ name, crps, weight: null })),
    ...outcome.rows.volatility.map(([name, crps, weight]) => ({ name, crps, weight })),
  ]
  return { ...score, total: outcome.total, problem: null, rows, facts: outcome.facts }
}

function totalOnly({ total, problem, ...score }: ScoreTotal, model: string): ScoredPrediction {
  return { ...score, model, total, problem: problem === null ? null : scoreProblems[problem], rows: [], facts: null }
}
