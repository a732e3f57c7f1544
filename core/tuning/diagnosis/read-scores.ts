import { type PredictionScore, type ScoreRows, scoreProblems } from '../replay/prediction-score.ts'
import type { ScoreParts, ScoreReader, StoredTotal } from '../replay/score-store.ts'
import type { ScoredPrediction, ScorePart } from './scored-prediction.ts'

export interface ScoreWindow {
  readonly fromMs: number
  readonly toMs: number
  readonly assets: readonly string[] | undefined
  readonly competition: string | undefined
}

/** The rules under which a prompt is shown; undefined if no rules have such prompts: then whatever there is. */
export type RegimeOf = (prompt: Pick<StoredTotal, 'asset' | 'startAtMs' | 'timeLengthSeconds'>) => string | undefined

/**
 * Rows of one model with all details, and rows of the others on the same prompts with totals and parts. A replay under
 * other rules leaves rows beside those of the date: only one of them counts for a prompt.
 */
export function readScoresOf(
  scores: Pick<ScoreReader, 'listModels' | 'listScores' | 'listParts'>,
  { fromMs, toMs, assets, competition }: ScoreWindow,
  model: string,
  regimeOf: RegimeOf,
): ScoredPrediction[] {
  const filter = {
    fromMs,
    toMs,
    ...(assets === undefined ? {} : { assets }),
    ...(competition === undefined ? {} : { competition }),
  }
  const isMeant = (row: StoredTotal | PredictionScore): boolean => (regimeOf(row) ?? row.regime) === row.regime
  // Sets that evidence was made from have a hash as their name: nobody asked for them here.
  const others = scores.listModels().filter((name) => name !== model && !name.includes('#'))
  return [
    ...scores
      .listScores({ ...filter, model })
      .filter(isMeant)
      .map(detailed),
    ...others.flatMap((name) =>
      scores
        .listParts({ ...filter, model: name })
        .filter(isMeant)
        .map((parts) => withoutFacts(parts, name)),
    ),
  ]
}

function detailed({ outcome, ...score }: PredictionScore): ScoredPrediction {
  if (outcome.kind === 'problem') {
    return { ...score, total: null, problem: scoreProblems[outcome.problem], rows: [], facts: null }
  }
  return { ...score, total: outcome.total, problem: null, rows: toRows(outcome.rows), facts: outcome.facts }
}

function withoutFacts({ total, problem, rows, ...score }: ScoreParts, model: string): ScoredPrediction {
  const text = problem === null ? null : scoreProblems[problem]
  return { ...score, model, total, problem: text, rows: toRows(rows), facts: null }
}

function toRows({ price, volatility }: ScoreRows): ScorePart[] {
  return [
    ...price.map(([name, crps]) => ({ name, crps, weight: null })),
    ...volatility.map(([name, crps, weight]) => ({ name, crps, weight })),
  ]
}
