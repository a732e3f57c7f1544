/**
 * How much a finite ensemble adds to the expected CRPS: the integral of (F_n - F)^2 for every scored change, with F
 * counted from many independent paths of the same forecast. Nothing of the arrangement's own targets enters here.
 */
import type { ScoredInterval } from '#core/forecast/paths/block-plan'
import type { SampledPaths } from '#core/forecast/paths/path-sampler'
import { type Forecast, meanStepVariances } from '#core/forecast/paths/process-parameters'

export type MakeEnsemble = (seed: bigint) => SampledPaths

export interface IntervalNoise {
  /** Excess relative to as many independent paths: mean, and its standard deviation from ensemble to ensemble. */
  readonly excess: number
  readonly excessSd: number
  /** Variance of the log changes relative to what the forecast says it is; standard error of the mean over ensembles. */
  readonly spread: number
  readonly spreadError: number
}

/** Change `to` against `from`; where `from` is undefined the price itself against the start. */
interface Term {
  readonly from: number
  readonly to: number
}

const binsPerSide = 4000
/** In deviations of the term; what lies beyond counts as being at the edge. */
const range = 10

export class TrueDistributions {
  readonly #terms: readonly (readonly Term[])[]
  readonly #deviations: readonly Float64Array[]
  /** P(change <= edge) at each edge of the bins. */
  readonly #cumulative: readonly (readonly Float64Array[])[]
  readonly #pathCount: number
  readonly #names: readonly string[]
  readonly #stepVariances: Float64Array

  constructor(intervals: readonly ScoredInterval[], forecast: Forecast, make: MakeEnsemble, ensembleCount: number) {
    this.#names = intervals.map(({ name }) => name)
    this.#stepVariances = meanStepVariances(forecast)
    const { stepSeconds } = forecast[0].process
    const first = make(0n)
    const stepCount = first.pointCount - 1
    this.#terms = intervals.map((interval) => termsOf(interval, stepSeconds, stepCount))
    this.#deviations = this.#terms.map((terms) =>
      Float64Array.from(terms, (term) => Math.sqrt(meanSquare(first, term))),
    )
    const counts = this.#terms.map((terms) => terms.map(() => new Float64Array(2 * binsPerSide)))
    for (let i = 0; i < ensembleCount; i += 1) {
      const paths = make(BigInt(i))
      this.#eachTerm((interval, number, term, deviation) =>
        countChanges(paths, term, deviation, counts[interval]![number]!),
      )
    }
    this.#pathCount = ensembleCount * first.pathCount
    this.#cumulative = counts.map((list) => list.map((bins) => accumulate(bins, this.#pathCount)))
  }

  measure(make: MakeEnsemble, ensembleCount: number): Record<string, IntervalNoise> {
    const excesses = this.#names.map(() => new Float64Array(ensembleCount))
    const spreads = this.#names.map(() => new Float64Array(ensembleCount))
    for (let i = 0; i < ensembleCount; i += 1) {
      const paths = make(BigInt(i))
      const independent = this.#names.map(() => 0)
      this.#eachTerm((interval, number, term, deviation) => {
        const cumulative = this.#cumulative[interval]![number]!
        const bins = new Float64Array(2 * binsPerSide)
        countChanges(paths, term, deviation, bins)
        const found = squaredDistance(accumulate(bins, paths.pathCount), cumulative)
        const drawn = cumulative.reduce((sum, p) => sum + p * (1 - p), 0) / paths.pathCount
        // The counted F is off by what that many independent paths are off by; that part is no fault of the ensemble.
        const own = found - (drawn * paths.pathCount) / this.#pathCount
        excesses[interval]![i] = excesses[interval]![i]! + own * deviation
        independent[interval] = independent[interval]! + drawn * deviation
        spreads[interval]![i] = spreads[interval]![i]! + relativeVariance(paths, term, this.#stepVariances)
      })
      for (const interval of this.#names.keys()) {
        excesses[interval]![i] = excesses[interval]![i]! / independent[interval]!
        spreads[interval]![i] = spreads[interval]![i]! / this.#terms[interval]!.length
      }
    }
    return Object.fromEntries(
      this.#names.map((name, i) => {
        const [excess, excessSd] = meanAndSd(excesses[i]!)
        const [spread, spreadSd] = meanAndSd(spreads[i]!)
        return [name, { excess, excessSd, spread, spreadError: spreadSd / Math.sqrt(ensembleCount) }]
      }),
    )
  }

  #eachTerm(visit: (interval: number, number: number, term: Term, deviation: number) => void): void {
    for (const [interval, terms] of this.#terms.entries()) {
      for (const [number, term] of terms.entries()) visit(interval, number, term, this.#deviations[interval]![number]!)
    }
  }
}

function termsOf({ name, seconds }: ScoredInterval, stepSeconds: number, stepCount: number): Term[] {
  const steps = seconds / stepSeconds
  if (name.endsWith('_gaps')) return [{ from: 0, to: steps }]
  const isAbsolute = name.endsWith('_abs')
  return Array.from({ length: Math.floor(stepCount / steps) }, (_, i) => ({
    from: isAbsolute ? 0 : i * steps,
    to: (i + 1) * steps,
  }))
}

function changeOf({ values, pointCount }: SampledPaths, path: number, { from, to }: Term): number {
  const before = values[path * pointCount + from]!
  return (values[path * pointCount + to]! - before) / before
}

function meanSquare(paths: SampledPaths, term: Term): number {
  let sum = 0
  for (let path = 0; path < paths.pathCount; path += 1) sum += changeOf(paths, path, term) ** 2
  return sum / paths.pathCount
}

function countChanges(paths: SampledPaths, term: Term, deviation: number, bins: Float64Array): void {
  const scale = binsPerSide / (range * deviation)
  for (let path = 0; path < paths.pathCount; path += 1) {
    const bin = Math.floor(changeOf(paths, path, term) * scale) + binsPerSide
    const held = Math.min(Math.max(bin, 0), 2 * binsPerSide - 1)
    bins[held] = bins[held]! + 1
  }
}

function accumulate(bins: Float64Array, count: number): Float64Array {
  let sum = 0
  return bins.map((bin) => {
    sum += bin
    return sum / count
  })
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i += 1) sum += (a[i]! - b[i]!) ** 2
  return sum
}

/** Half the variance is the drift that keeps the expected price; around it the log changes have mean 0. */
function relativeVariance(
  { pathCount, pointCount, values }: SampledPaths,
  { from, to }: Term,
  steps: Float64Array,
): number {
  const variance = steps.subarray(from, to).reduce((sum, step) => sum + step, 0)
  let sum = 0
  for (let path = 0; path < pathCount; path += 1) {
    const change = Math.log(values[path * pointCount + to]! / values[path * pointCount + from]!)
    sum += (change + variance / 2) ** 2
  }
  return sum / (pathCount * variance)
}

function meanAndSd(values: Float64Array): [number, number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(values.length - 1, 1)
  return [mean, Math.sqrt(variance)]
}
