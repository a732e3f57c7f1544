import type { SubjectDiagnosis } from './diagnose.ts'
import type { ScoredPrediction } from './scored-prediction.ts'

/** The predictions of a subject that a report draws: the newest, the best and the worst, each once. */
export function fanPredictions(
  rows: readonly ScoredPrediction[],
  model: string,
  { asset, timeLengthSeconds }: Pick<SubjectDiagnosis, 'asset' | 'timeLengthSeconds'>,
): readonly ScoredPrediction[] {
  const own = rows
    .filter((row) => row.model === model && row.asset === asset && row.timeLengthSeconds === timeLengthSeconds)
    .filter(({ total }) => total !== null)
    .sort((a, b) => a.total! - b.total!)
  const [best] = own
  const worst = own.at(-1)
  if (best === undefined || worst === undefined) return []
  const newest = own.reduce((last, row) => (row.startAtMs > last.startAtMs ? row : last), best)
  return [...new Set([newest, best, worst])]
}
