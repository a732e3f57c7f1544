import { Arena, columnStride, wholeLines } from './arena.ts'
import { blockLawLength, blockTargets } from './block-laws.ts'
import { planBlocks, type ScoredInterval } from './block-plan.ts'
import { tableLength } from './distributions/quantile-table.ts'
import type { PathMath } from './path-math.ts'
import { type Forecast, meanStepVariances } from './process-parameters.ts'
import { factorColumnCount, simulateIncrements } from './simulate-increments.ts'
import { defaultSweeps, structureIncrements, structureLength } from './structure-increments.ts'
import { TailTables } from './tail-tables.ts'
import { largestStartPrice, leastStartPrice, roundToWritten } from './write-prices.ts'

export interface PathRequest extends GrowthRequest {
  /**
   * From 1e-6 to 1e7. Paths start at the nearest price that can be written, so that the first step contains no
   * rounding.
   */
  readonly startPrice: number
}

/** Everything that determines the paths except the start price. */
export interface GrowthRequest {
  /** Must have passed `checkForecast`. */
  readonly forecast: Forecast
  readonly pathCount: number
  /** 64 bits. The same request gives the same bits again. */
  readonly seed: bigint
  readonly arrangement: Arrangement
  /** The first path stays at the start price, as in one of the older miners. */
  readonly flatFirstPath?: boolean
}

export type Arrangement =
  | { readonly kind: 'independent' }
  /** The paths together have the forecast's own quantiles in each of these intervals. */
  | { readonly kind: 'structured'; readonly intervals: readonly ScoredInterval[] }

/** Raised whenever the same request gives other bits than before: paths of an older sampler cannot be made again. */
export const samplerVersion = 1

/** Prices, path after path. The values are a view that the next call overwrites. */
export interface SampledPaths {
  readonly pathCount: number
  readonly pointCount: number
  readonly values: Float64Array
}

/** With fewer paths than this, ranks are not a sound basis for an arrangement. */
const leastStructuredPaths = 16
/** 8 bytes each, several times: more would exceed the memory of a small machine. */
export const mostSampledPoints = 8_000_000
/** Paths are numbered in 16 bits while they are ranked. */
export const mostPaths = 65_535

/** Each worker has its own instance: it is not re-entrant. */
export class PathSampler {
  readonly #math: PathMath
  readonly #tables = new TailTables()

  constructor(math: PathMath) {
    this.#math = math
  }

  sample(request: PathRequest): SampledPaths {
    // Before the work: a start that cannot be written costs nothing.
    const start = checkStart(request.startPrice)
    const paths = this.sampleGrowth(request)
    scalePaths(paths.values, start)
    return paths
  }

  /**
   * Paths that start from 1. Multiplied by any price they are, to the last bit, the paths of a sampling from that
   * price. So they can be drawn before the price is known.
   */
  sampleGrowth({ forecast, pathCount, seed, arrangement, flatFirstPath = false }: GrowthRequest): SampledPaths {
    const { stepSeconds, stepVariances } = forecast[0].process
    const stepCount = stepVariances.length
    const pointCount = stepCount + 1
    checkSize(pathCount, pointCount)
    const isStructured = arrangement.kind === 'structured' && pathCount >= leastStructuredPaths
    const plan = planBlocks(stepCount, stepSeconds, isStructured ? arrangement.intervals : [])
    const stride = columnStride(pathCount)
    const space =
      wholeLines(pathCount * pointCount) +
      wholeLines(stepCount) +
      (stepCount + factorColumnCount(forecast)) * stride +
      forecast.length * (2 * wholeLines(tableLength) + wholeLines(pathCount)) +
      (isStructured ? structureLength(plan, stride) + blockLawLength(forecast, plan, pathCount) : 0)
    const math = this.#math
    const arena = new Arena(math.reserve(space))
    const values = arena.take(pathCount * pointCount)
    const shifts = arena.take(stepCount)
    const returns = arena.take(stepCount * stride)
    const columns = Array.from({ length: stepCount }, (_, k) => returns.subarray(k * stride, k * stride + pathCount))

    const sharedVolatility = isStructured ? 'stratified' : 'drawn'
    simulateIncrements(columns, forecast, { seed, sharedVolatility }, this.#tables, math, arena)
    const meanVariances = meanStepVariances(forecast)
    if (isStructured && plan.levels.length > 0) {
      const targets = blockTargets(forecast, plan, pathCount, this.#tables, math, arena)
      structureIncrements(columns, meanVariances, plan, targets, defaultSweeps, math, arena)
    }
    // Half the variance keeps the expected price at the start, for any tails to second order.
    for (let k = 0; k < stepCount; k += 1) shifts[k] = -0.5 * meanVariances[k]!
    math.compound(values, returns, shifts, { pathCount, stepCount, columnStride: stride }, 1)
    if (flatFirstPath) values.fill(1, 0, pointCount)
    return { pathCount, pointCount, values }
  }
}

/** Growth becomes prices, in place. */
export function startFrom(growth: Float64Array, startPrice: number): void {
  scalePaths(growth, checkStart(startPrice))
}

function scalePaths(values: Float64Array, factor: number): void {
  for (let i = 0; i < values.length; i += 1) values[i] = values[i]! * factor
}

function checkSize(pathCount: number, pointCount: number): void {
  const isCount = Number.isInteger(pathCount) && pathCount >= 1 && pathCount <= mostPaths
  if (!isCount || pathCount * pointCount > mostSampledPoints) {
    throw new RangeError(
      `${pathCount} paths of ${pointCount} points are not possible: from 1 to ${mostPaths} paths and ${mostSampledPoints} points in all.`,
    )
  }
}

function checkStart(startPrice: number): number {
  const isInRange = startPrice >= leastStartPrice && startPrice <= largestStartPrice
  const start = isInRange ? roundToWritten(startPrice) : undefined
  if (start === undefined) {
    throw new RangeError(`Paths start from ${leastStartPrice} to ${largestStartPrice}, not from ${startPrice}.`)
  }
  return start
}
