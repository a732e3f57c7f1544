/**
 * The continuous ranked probability score of an answer, written to be read: the compiled kernel is compared with this
 * reference bit for bit. The walk over the sorted members is the validator's (an accumulated F, not k/n).
 */
import { type AnswerScore, type DetailLevel, sumScore, zeroPriceScore } from './answer-score.ts'
import { changeBps, type IntervalOptions, intervalSteps, noStart, planScore, ScoringError } from './score-plan.ts'

/** Simulated prices, path after path. */
export interface PathMatrix {
  readonly pathCount: number
  readonly pointCount: number
  readonly values: Float64Array
}

export interface ScoreOptions extends IntervalOptions {
  readonly detail: DetailLevel
}

/** A missing real price is NaN. */
export function scoreAnswer(paths: PathMatrix, real: ArrayLike<number>, options: ScoreOptions): AnswerScore {
  checkMatrix(paths)
  const first = options.intervals[0]
  if (first !== undefined) {
    intervalSteps(first, options.stepSeconds)
    if (paths.values.includes(0)) return zeroPriceScore
  }
  const plan = planScore(paths.pointCount, real, options)
  const members = new Float64Array(paths.pathCount)
  const termCrps = plan.observed.map((observed, i) => {
    gatherColumn(paths, plan.from[i]!, plan.to[i]!, members)
    return ensembleCrps(members, observed)
  })
  return sumScore(plan, termCrps, real[real.length - 1] ?? Number.NaN, options.detail)
}

/** CRPS of one observed value against the members, which are sorted in place. NaN members are left out. */
export function ensembleCrps(members: Float64Array, observed: number): number {
  if (Number.isNaN(observed)) return Number.NaN
  members.sort()
  let count = members.length
  while (count > 0 && Number.isNaN(members[count - 1]!)) count -= 1
  if (count === 0) return Number.NaN
  const weight = 1 / count
  let integral = 0
  let cdf = 0
  let previous = 0
  let passed = 0
  for (let i = 0; i < count; i += 1) {
    const member = members[i]!
    if (passed === 0 && observed < member) {
      integral += (observed - previous) * (cdf * cdf)
      integral += (member - observed) * ((cdf - 1) * (cdf - 1))
      passed = 1
    } else {
      integral += (member - previous) * ((cdf - passed) * (cdf - passed))
    }
    cdf += weight
    previous = member
  }
  return passed === 0 ? integral + (observed - previous) : integral
}

export function checkMatrix(paths: PathMatrix): void {
  if (paths.pathCount > 0 && paths.values.length === paths.pathCount * paths.pointCount) return
  throw new ScoringError(
    'SCORING_SHAPE_MISMATCH',
    `An answer of ${paths.pathCount} paths of ${paths.pointCount} points cannot have ${paths.values.length} prices.`,
  )
}

function gatherColumn(paths: PathMatrix, from: number, to: number, out: Float64Array): void {
  const { values, pathCount, pointCount } = paths
  for (let path = 0; path < pathCount; path += 1) {
    const row = path * pointCount
    const after = values[row + to]!
    out[path] = from === noStart ? after : changeBps(values[row + from]!, after)
  }
}
