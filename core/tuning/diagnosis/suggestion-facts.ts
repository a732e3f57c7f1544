import { baselineModels, blendMembers, championModels, isOnnxName } from '#core/forecast/models/model-names'
import { horizonOf } from '#core/synth/prompts/horizon'
import type { DiagnosisFacts } from '../governance/suggestion.ts'
import type { Bucket } from './buckets.ts'
import { diagnose, type SubjectDiagnosis } from './diagnose.ts'
import type { ReadField } from './field-comparison.ts'
import type { ScoredPrediction } from './scored-prediction.ts'

/** With fewer public prompts than this, a baseline on all of them says more. */
const leastFieldPrompts = 50

/** The facts behind a suggestion, per horizon. */
export function suggestionFacts(rows: readonly ScoredPrediction[], readField?: ReadField): DiagnosisFacts[] {
  return diagnose(rows, 'served', readField).subjects.flatMap((subject) =>
    subject.totals.scored === 0 ? [] : [factsOf(subject)],
  )
}

function factsOf(subject: SubjectDiagnosis): DiagnosisFacts {
  const main = subject.byInterval.find(({ group }) => group === subject.mainInterval)
  // The first that was scored.
  const baseline = baselineModels
    .map((name) => subject.baselines.find(({ model }) => model.startsWith(name)))
    .find((comparison) => comparison !== undefined)
  const field = subject.field?.all
  const isField = field !== undefined && field.prompts >= leastFieldPrompts
  const ratioOf = (bucket: Bucket): number | undefined =>
    subject.byBucket
      .find((scores) => scores.bucket === bucket)
      ?.baselines.find(({ model }) => model === baseline?.model)?.ratio
  const coverage = main?.middle95
  return {
    asset: subject.asset,
    horizon: horizonOf(subject.timeLengthSeconds),
    promptCount: subject.totals.scored,
    against: isField ? 'field' : 'baseline',
    totalRatio: isField ? field.versusMedian.ratio : baseline?.ratio,
    baseline: baseline?.model,
    shortRatio: ratioOf('short'),
    longRatio: ratioOf('long'),
    // Without an interval, chance may be the cause.
    coverage95:
      coverage?.interval === null || coverage?.interval === undefined
        ? undefined
        : { share: coverage.share, low: coverage.interval.low, high: coverage.interval.high },
    varianceRatio: main?.varianceRatio,
    alternatives: subject.baselines.flatMap(({ model: written, ratio, interval }) => {
      const model = championOf(written)
      return interval === null || model === undefined
        ? []
        : [
            {
              model,
              relativeDifference: 1 / ratio - 1,
              interval: [1 / interval.high - 1, 1 / interval.low - 1] as const,
            },
          ]
    }),
  }
}

/** The champion name that serves what was scored; undefined for a model with its own numbers. */
function championOf(written: string): string | undefined {
  const [name = ''] = written.split('@')
  return blendMembers(championModels).includes(name) || isOnnxName(name) ? name : undefined
}
