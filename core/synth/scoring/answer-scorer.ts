/**
 * Scores answers with the compiled kernel, with the same bits as crps.ts and volatility.ts. Keep one for many answers:
 * it owns the memory they are scored in.
 */
import type { StorageRounding } from '../regimes/regime.ts'
import { type AnswerScore, sumScore, zeroPriceScore } from './answer-score.ts'
import { checkMatrix, type PathMatrix, type ScoreOptions } from './crps.ts'
import { CrpsKernel, type KernelTerms } from './kernel/crps-kernel.ts'
import { intervalSteps, noStart, planScore, type ScorePlan } from './score-plan.ts'
import { throughStorage } from './stored-score.ts'
import { type BlockMeasure, measureTermsPlainly, type TermMeasure, type TermMeasures } from './term-measures.ts'
import { scoreTotalPlainly, type TotalOptions, type TotalScore } from './total-score.ts'
import {
  addVolatility,
  blockCount,
  type ObservedVolatility,
  scoreVolatility,
  sumVolatility,
  type VolatilityOptions,
  type VolatilityScore,
} from './volatility.ts'

export interface MeasuredTotal extends TermMeasures {
  readonly total: TotalScore
}

export class AnswerScorer {
  readonly #kernel: CrpsKernel
  /** The last answer was too large for the kernel. */
  #isPlain = false

  /** An answer that needs more memory than `largestJobBytes` is scored by the reference instead, slowly. */
  constructor(options: { readonly largestJobBytes?: number } = {}) {
    this.#kernel = new CrpsKernel(options)
  }

  get memoryBytes(): number {
    return this.#kernel.memoryBytes
  }

  scoreAnswer(paths: PathMatrix, real: ArrayLike<number>, options: ScoreOptions): AnswerScore {
    return this.scoreTotal(paths, real, { ...options, volatilityBlocks: [] }).price
  }

  scoreVolatility(paths: PathMatrix, real: ArrayLike<number>, options: VolatilityOptions): VolatilityScore {
    checkMatrix(paths)
    const sizes = blockSizes(options)
    const isLoaded = this.#load(paths, real.length * sizes.length, sizes) !== 'tooLarge'
    return isLoaded ? this.#volatility(real, paths, options, sizes) : scoreVolatility(paths, real, options)
  }

  /** Both terms of one answer; the paths are loaded once. */
  scoreTotal(paths: PathMatrix, real: ArrayLike<number>, options: TotalOptions): TotalScore {
    return this.#total(paths, real, options, 'float64')
  }

  /**
   * `scoreTotal` of what the validator's storage makes of the paths, and the positions of the real values among them while
   * they are loaded.
   */
  measureTotal(
    paths: PathMatrix,
    real: ArrayLike<number>,
    options: TotalOptions,
    rounding: StorageRounding = 'float64',
  ): MeasuredTotal {
    const measures: Measures = { plan: null, terms: [], blocks: [] }
    const total = this.#total(paths, real, options, rounding, measures)
    if (!this.#isPlain || total.price.failure !== null) return { total, ...measures }
    return { total, ...measureTermsPlainly(stored(paths, rounding), real, options) }
  }

  #total(
    paths: PathMatrix,
    real: ArrayLike<number>,
    options: TotalOptions,
    rounding: StorageRounding,
    measures?: Measures,
  ): TotalScore {
    checkMatrix(paths)
    const volatilityOptions = { stepSeconds: options.stepSeconds, blocks: options.volatilityBlocks }
    const sizes = blockSizes(volatilityOptions)
    const first = options.intervals[0]
    // Before anything else, as the validator's loop meets it first.
    if (first !== undefined) intervalSteps(first, options.stepSeconds)
    const terms = real.length * Math.max(options.intervals.length, sizes.length)
    const loaded = this.#load(paths, terms, sizes, rounding)
    if (loaded === 'tooLarge') return scoreTotalPlainly(stored(paths, rounding), real, options)
    const price = this.#price(real, paths, options, loaded, measures)
    if (price.failure !== null || options.volatilityBlocks.length === 0)
      return { score: price.score, price, volatility: null }
    const volatility = this.#volatility(real, paths, volatilityOptions, sizes, measures)
    return { score: addVolatility(price, volatility), price, volatility }
  }

  #load(
    paths: PathMatrix,
    termCapacity: number,
    sizes: readonly number[],
    rounding: StorageRounding = 'float64',
  ): 'loaded' | 'zeroPrice' | 'tooLarge' {
    const extraColumns = sizes.reduce((sum, size) => sum + blockCount(paths.pointCount, size), 0)
    const loaded = this.#kernel.load(paths, termCapacity, extraColumns, rounding)
    this.#isPlain = loaded === 'tooLarge'
    return loaded
  }

  #price(
    real: ArrayLike<number>,
    paths: PathMatrix,
    options: ScoreOptions,
    loaded: 'loaded' | 'zeroPrice',
    measures?: Measures,
  ): AnswerScore {
    if (loaded === 'zeroPrice' && options.intervals.length > 0) return zeroPriceScore
    const plan = planScore(paths.pointCount, real, options)
    const last = real[real.length - 1] ?? Number.NaN
    if (measures === undefined) return sumScore(plan, this.#kernel.scoreTerms(plan), last, options.detail)
    const measured = this.#kernel.measureTerms(plan)
    measures.plan = plan
    measures.terms = toMeasures(measured.measures)
    return sumScore(plan, measured.crps, last, options.detail)
  }

  #volatility(
    real: ArrayLike<number>,
    paths: PathMatrix,
    options: VolatilityOptions,
    sizes: readonly number[],
    measures?: Measures,
  ): VolatilityScore {
    let isAppended = false
    return sumVolatility(real, paths.pointCount, options, (blockSteps, observed, { name }) => {
      if (!isAppended) this.#kernel.appendVolatilities(sizes)
      isAppended = true
      const terms = volatilityTerms(columnOfSize(paths.pointCount, sizes, blockSteps), observed)
      if (measures === undefined) return this.#kernel.scoreTerms(terms)
      const measured = this.#kernel.measureTerms(terms)
      for (const [i, measure] of toMeasures(measured.measures).entries()) {
        measures.blocks.push({ name, observed: observed[i]!.volatility, ...measure })
      }
      return measured.crps
    })
  }
}

/** Filled while the answer is scored. */
interface Measures {
  plan: ScorePlan | null
  terms: TermMeasure[]
  readonly blocks: BlockMeasure[]
}

function stored(paths: PathMatrix, rounding: StorageRounding): PathMatrix {
  return { ...paths, values: throughStorage(paths.values, rounding) }
}

/** Sizes in steps. A block below one step is refused when the volatility term uses it, not here. */
function blockSizes(options: VolatilityOptions): number[] {
  return options.blocks.map((block) => Math.trunc(block.seconds / options.stepSeconds)).filter((size) => size > 0)
}

function volatilityTerms(firstColumn: number, observed: readonly ObservedVolatility[]): KernelTerms {
  return {
    from: observed.map(() => noStart),
    to: observed.map(({ block }) => firstColumn + block),
    observed: observed.map(({ volatility }) => volatility),
  }
}

function toMeasures(values: Float64Array): TermMeasure[] {
  return Array.from({ length: values.length / 3 }, (_, i) => ({
    rank: values[3 * i]!,
    mean: values[3 * i + 1]!,
    variance: values[3 * i + 2]!,
  }))
}

/** The column in which appendVolatilities puts the first block of a size. */
function columnOfSize(pointCount: number, sizes: readonly number[], blockSteps: number): number {
  let column = pointCount
  for (const size of sizes) {
    if (size === blockSteps) break
    column += blockCount(pointCount, size)
  }
  return column
}
