import type { Arena } from './arena.ts'
import { exp } from './distributions/elementary.ts'
import type { PathMath } from './path-math.ts'
import type { Forecast, ProcessParameters } from './process-parameters.ts'
import type { TailTables } from './tail-tables.ts'
import type { FourWords } from './threefry.ts'
import {
  type FactorPlan,
  incrementStream,
  planFactors,
  sharedStream,
  type WalkColumns,
  walkTo,
} from './volatility-walk.ts'

export interface SimulationOptions {
  readonly seed: bigint
  /** Level of volatility of the paths: drawn, or the strata of its law, one for each path. */
  readonly sharedVolatility: 'drawn' | 'stratified'
}

/** How many paths each part makes: proportional to its weight, remainders to the largest fractions. */
export function sharePaths(forecast: Forecast, pathCount: number): number[] {
  const total = forecast.reduce((sum, { weight }) => sum + weight, 0)
  const exact = forecast.map(({ weight }) => (weight / total) * pathCount)
  const counts = exact.map(Math.floor)
  const rest = pathCount - counts.reduce((sum, count) => sum + count, 0)
  const byFraction = [...counts.keys()].sort((a, b) => exact[b]! - counts[b]! - (exact[a]! - counts[a]!) || a - b)
  for (const i of byFraction.slice(0, rest)) counts[i] = counts[i]! + 1
  return counts
}

export function seedWords(seed: bigint, purpose: number, part: number): FourWords {
  const low = Number(BigInt.asUintN(32, seed))
  const high = Number(BigInt.asUintN(32, seed >> 32n))
  return [low, high, purpose, part]
}

const pathPurpose = 1

/** The most reverting factors of any part: `simulateIncrements` needs columns for them. */
export function factorColumnCount(forecast: Forecast): number {
  return 4 + Math.max(...forecast.map(({ process }) => process.volatilityFactors.length))
}

/** Fills one column of log-returns per step. The paths of a part are next to each other. */
export function simulateIncrements(
  columns: readonly Float64Array[],
  forecast: Forecast,
  options: SimulationOptions,
  tables: TailTables,
  math: PathMath,
  arena: Arena,
): void {
  const pathCount = columns[0]?.length ?? 0
  const scratch = arena.columns(factorColumnCount(forecast), pathCount)
  let from = 0
  for (const [part, count] of sharePaths(forecast, pathCount).entries()) {
    const { process } = forecast[part]!
    if (count > 0) {
      const cut = (column: Float64Array) => column.subarray(from, from + count)
      const seed = seedWords(options.seed, pathPurpose, part)
      const law = { process, plan: planFactors(process), seed }
      simulatePart(columns.map(cut), law, options, scratch.map(cut), tables, math, arena)
    }
    from += count
  }
}

interface PartLaw {
  readonly process: ProcessParameters
  readonly plan: FactorPlan
  readonly seed: FourWords
}

function simulatePart(
  columns: readonly Float64Array[],
  { process, plan, seed }: PartLaw,
  options: SimulationOptions,
  [shared, logs, draws, factor, ...states]: Float64Array[],
  tables: TailTables,
  math: PathMath,
  arena: Arena,
): void {
  const walk: WalkColumns = { shared: shared!, logs: logs!, draws: draws!, states }
  const tails = copyTo(arena, tables.quantileTable(process.tails))
  const normal = copyTo(arena, tables.quantileTable({ kind: 'normal' }))
  const drawNormal = (out: Float64Array, stream: number, step: number) =>
    math.drawQuantiles(out, normal, { seed, stream, step })

  if (plan.sharedSd > 0) {
    drawNormal(shared!, sharedStream, 0)
    if (options.sharedVolatility === 'stratified') {
      const strata = copyTo(arena, tables.normalStrata(shared!.length))
      math.matchRanks(draws!, shared!, strata, 1)
      math.addScaled(shared!, 1, draws!)
    }
  }
  const isLasting = plan.reverting.length === 0
  if (isLasting) {
    walkTo(0, 1, plan, walk, math, drawNormal)
    factor!.fill(1)
    math.multiplyExponentials(factor!, exp(-plan.logVariances[0]!), logs!)
  }
  for (const [k, column] of columns.entries()) {
    const deviation = Math.sqrt(process.stepVariances[k]!)
    math.drawQuantiles(column, tails, { seed, stream: incrementStream, step: k })
    if (isLasting) {
      math.multiply(column, deviation, factor!)
    } else {
      walkTo(k, 1, plan, walk, math, drawNormal)
      // E[exp(2 x)] of a normal x is exp(2 var x): this shift keeps the mean square at the step's variance.
      math.multiplyExponentials(column, deviation * exp(-plan.logVariances[k]!), logs!)
    }
  }
}

export function copyTo(arena: Arena, values: Float64Array): Float64Array {
  const copy = arena.take(values.length)
  copy.set(values)
  return copy
}
