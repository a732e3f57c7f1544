import type { DiagnosisFacts } from '../governance/suggestion.ts'
import { diagnose, type SubjectDiagnosis } from './diagnose.ts'
import type { ScoredPrediction } from './scored-prediction.ts'

/** Whom our ratios are taken against, the first that was scored. */
const baselines = ['reference', 'seed'] as const

/** What a suggestion may be made from, per horizon: nothing where no baseline was scored on the same prompts. */
export function suggestionFacts(rows: readonly ScoredPrediction[]): DiagnosisFacts[] {
  return diagnose(rows).subjects.flatMap((subject) => {
    const baseline = baselines
      .map((name) => subject.baselines.find(({ model }) => model.startsWith(name)))
      .find((comparison) => comparison !== undefined)
    return baseline === undefined ? [] : [factsOf(subject, baseline.ratio)]
  })
}

function factsOf(subject: SubjectDiagnosis, totalRatio: number): DiagnosisFacts {
  const main = subject.byInterval.find(({ group }) => group === subject.mainInterval)
  return {
    asset: subject.asset,
    grid: subject.timeLengthSeconds > 3600 ? 'low' : 'high',
    promptCount: subject.totals.scored,
    against: 'baseline',
    totalRatio,
    // The totals of a baseline are kept, its intervals are not.
    shortRatio: undefined,
    longRatio: undefined,
    // Twenty bins do not tell where the outermost 2.5 % lie.
    coverage95: undefined,
    varianceRatio: main?.varianceRatio,
    alternatives: subject.baselines.flatMap(({ model, ratio, interval }) =>
      interval === null
        ? []
        : [
            {
              model,
              relativeDifference: 1 / ratio - 1,
              interval: [1 / interval.high - 1, 1 / interval.low - 1] as const,
            },
          ],
    ),
  }
}
