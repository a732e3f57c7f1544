import { baselineModels, blendMembers, championModels, isOnnxName } from '#core/forecast/models/model-names'
import { horizonOf } from '#core/synth/prompts/horizon'
import type { Coverage, DiagnosisFacts } from '../governance/suggestion.ts'
import { type Bucket, minutesOf } from './buckets.ts'
import { diagnose, type SubjectDiagnosis } from './diagnose.ts'
import type { ReadField } from './field-comparison.ts'
import type { Calibration } from './findings.ts'
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
  const longest = subject.byInterval
    .filter(({ group }) => minutesOf(group) !== undefined)
    .sort((a, b) => minutesOf(b.group)! - minutesOf(a.group)!)[0]
  return {
    asset: subject.asset,
    horizon: horizonOf(subject.timeLengthSeconds),
    promptCount: subject.totals.scored,
    against: isField ? 'field' : 'baseline',
    totalRatio: isField ? field.versusMedian.ratio : baseline?.ratio,
    baseline: baseline?.model,
    shortRatio: ratioOf('short'),
    longRatio: ratioOf('long'),
    coverage95: coverageOf(main),
    longCoverage95: longest === main ? undefined : coverageOf(longest),
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

/** Without an interval, chance may be the cause. */
function coverageOf(calibration: Calibration | undefined): Coverage | undefined {
  const { share, interval } = calibration?.middle95 ?? {}
  return share === undefined || interval === null || interval === undefined
    ? undefined
    : { share, low: interval.low, high: interval.high }
}

/** The champion name that serves what was scored; undefined for a model with its own numbers. */
function championOf(written: string): string | undefined {
  const [name = ''] = written.split('@')
  return blendMembers(championModels).includes(name) || isOnnxName(name) ? name : undefined
}
