/**
 * The distribution of every scored block of increments under a forecast, as quantiles for the ranks of an ensemble. The
 * conditional variance of a block is sampled on paths of strata (each factor's law represented exactly at every step).
 * Given the variance the block is treated as normal, which needs far fewer paths than sampling blocks.
 */
import { type Arena, wholeLines } from './arena.ts'
import type { BlockPlan } from './block-plan.ts'
import {
  binCount,
  binsPerUnit,
  makeQuantileWorkspace,
  quantilesOf,
  quantileWorkspaceLength,
  zeroBin,
} from './block-quantiles.ts'
import type { PathMath } from './path-math.ts'
import { type Forecast, type ForecastPart, meanStepVariances } from './process-parameters.ts'
import { copyTo, seedWords } from './simulate-increments.ts'
import type { TailTables } from './tail-tables.ts'
import { type FourWords, threefry } from './threefry.ts'
import { planFactors, sharedStream, type WalkColumns, walkTo } from './volatility-walk.ts'

/** The quantiles of block i of a level are `scales[i] * quantiles[i]`; blocks with the same law share the array. */
export interface LevelTargets {
  readonly scales: Float64Array
  readonly quantiles: readonly Float64Array[]
}

/** Variance paths for one part; with several parts each makes fewer. */
const strataCount = 2048
const leastStrataCount = 1024
/**
 * If the law of a step changes over time, about this many laws are kept apart; if it does not, this many are sampled.
 */
const mostStepLaws = 64
const sampledSteps = 16

const tailStream = 63
const variancePurpose = 2

interface BlockLaw {
  readonly histogram: Float64Array
  readonly quantiles: Float64Array
}

interface TrackedBlock {
  readonly fromStep: number
  readonly toStep: number
  readonly variance: number
  readonly law: BlockLaw
  /** Another block of the same law is sampled instead. */
  readonly isSampled: boolean
}

export function blockLawLength(forecast: Forecast, plan: BlockPlan, pathCount: number): number {
  const blockCount = plan.levels.reduce((sum, level) => sum + level.blocks.length, 0)
  const column = wholeLines(strataCount)
  const factorCount = Math.max(...forecast.map(({ process }) => process.volatilityFactors.length))
  const perPart = 2 * column
  return (
    (6 + factorCount + mostActive(plan)) * column +
    forecast.length * perPart +
    blockCount * (wholeLines(binCount) + wholeLines(pathCount)) +
    quantileWorkspaceLength
  )
}

export function blockTargets(
  forecast: Forecast,
  plan: BlockPlan,
  pathCount: number,
  tables: TailTables,
  math: PathMath,
  arena: Arena,
): LevelTargets[] {
  const laws: BlockLaw[] = []
  const levels = trackBlocks(forecast, plan, () => {
    const law = { histogram: arena.take(binCount).fill(0), quantiles: arena.take(pathCount) }
    laws.push(law)
    return law
  })
  const factorCount = Math.max(...forecast.map(({ process }) => process.volatilityFactors.length))
  const scratch = arena.columns(6 + factorCount + mostActive(plan), strataCount)
  const total = forecast.reduce((sum, { weight }) => sum + weight, 0)
  let partStrata = strataCount
  while (partStrata > leastStrataCount && partStrata * forecast.length > 2 * strataCount) partStrata /= 2
  for (const [i, part] of forecast.entries()) {
    const columns = scratch.map((column) => column.subarray(0, partStrata))
    samplePart(levels.flat(), part, part.weight / total, i, columns, tables, math, arena)
  }
  const workspace = makeQuantileWorkspace(arena)
  for (const { histogram, quantiles } of laws) quantilesOf(quantiles, histogram, workspace, math)
  return levels.map((blocks) => ({
    scales: Float64Array.from(blocks, ({ variance }) => Math.sqrt(variance)),
    quantiles: blocks.map(({ law }) => law.quantiles),
  }))
}

function trackBlocks(forecast: Forecast, plan: BlockPlan, makeLaw: () => BlockLaw): TrackedBlock[][] {
  const variances = meanStepVariances(forecast)
  const steps = variances.length
  const factors = planFactors(forecast[0].process)
  const isStationary = forecast.length === 1 && factors.isStationary
  // One volatility for all steps of a path and normal tails: every block has the same scale mixture.
  const isOneLaw = isStationary && factors.reverting.length === 0 && forecast[0].process.tails.kind === 'normal'
  const groupSteps = isStationary ? steps : Math.ceil(steps / mostStepLaws)
  const sampleEvery = isStationary ? Math.ceil(steps / sampledSteps) : 1
  const shared = new Map<number, BlockLaw>()
  return plan.levels.map(({ unitSteps, blocks }) =>
    blocks.map(({ from, to }) => {
      const fromStep = from * unitSteps
      const toStep = to * unitSteps
      let variance = 0
      for (let k = fromStep; k < toStep; k += 1) variance += variances[k]!
      const isStep = toStep - fromStep === 1
      if (!isStep && !isOneLaw) return { fromStep, toStep, variance, law: makeLaw(), isSampled: variance > 0 }
      const group = isOneLaw ? 0 : Math.floor(fromStep / groupSteps)
      const known = shared.get(group)
      const law = known ?? makeLaw()
      // A step without variance says nothing about the law of its neighbours; the next step with some does.
      if (variance > 0) shared.set(group, law)
      const isSampled = variance > 0 && (known === undefined || (!isOneLaw && fromStep % sampleEvery === 0))
      return { fromStep, toStep, variance, law, isSampled }
    }),
  )
}

/** Most blocks of more than one step that overlap anywhere. */
function mostActive({ stepCount, levels }: BlockPlan): number {
  const starts = new Int32Array(stepCount + 1)
  for (const { unitSteps, blocks } of levels) {
    for (const { from, to } of blocks) {
      if ((to - from) * unitSteps === 1) continue
      starts[from * unitSteps] = starts[from * unitSteps]! + 1
      starts[to * unitSteps] = starts[to * unitSteps]! - 1
    }
  }
  let active = 0
  let most = 0
  for (const change of starts) {
    active += change
    most = Math.max(most, active)
  }
  return most
}

/** Adds one part's conditional variances of all sampled blocks to their histograms. */
function samplePart(
  blocks: readonly TrackedBlock[],
  { process }: ForecastPart,
  weight: number,
  part: number,
  [shared, logs, draws, variances, halfLogs, spare, ...rest]: Float64Array[],
  tables: TailTables,
  math: PathMath,
  arena: Arena,
): void {
  const count = variances!.length
  const plan = planFactors(process)
  const states = rest.slice(0, plan.reverting.length)
  const free = rest.slice(plan.reverting.length)
  const walk: WalkColumns = { shared: shared!, logs: logs!, draws: draws!, states }
  const normal = copyTo(arena, tables.normalStrata(count))
  const tailVariances = tables.varianceStrata(process.tails, count)
  const tails = tailVariances === undefined ? undefined : copyTo(arena, tailVariances)
  const shuffle = (strata: Float64Array) => (out: Float64Array, stream: number, step: number) =>
    math.shuffleStrata(out, strata, mixersOf(part, stream, step))
  const drawNormal = shuffle(normal)
  drawNormal(shared!, sharedStream, 0)

  const record = (block: TrackedBlock, values: Float64Array, scale: number) => {
    math.halfLogs(halfLogs!, scale / block.variance, values)
    math.addHistogram(block.law.histogram, halfLogs!, binsPerUnit, zeroBin, weight / count)
  }
  const sampled = blocks.filter(({ isSampled }) => isSampled)
  const startingAt = groupBy(sampled, ({ fromStep }) => fromStep)
  const active = new Map<TrackedBlock, Float64Array>()
  const lastStep = Math.max(...sampled.map(({ toStep }) => toStep))
  for (let k = 0; k < lastStep; k += 1) {
    walkTo(k, 2, plan, walk, math, drawNormal)
    variances!.fill(1)
    math.multiplyExponentials(variances!, 1, logs!)
    // The expectation is known and replaces the mean over the strata: only the shape is sampled.
    let scale = (process.stepVariances[k]! * count) / math.sum(variances!)
    if (tails !== undefined) {
      shuffle(tails)(spare!, tailStream, k)
      math.multiply(variances!, scale, spare!)
      scale = 1
    }
    for (const block of startingAt.get(k) ?? []) {
      if (block.toStep === k + 1) {
        record(block, variances!, scale)
      } else {
        const sum = free.pop()!
        sum.fill(0)
        active.set(block, sum)
      }
    }
    for (const [block, sum] of active) {
      math.addScaled(sum, scale, variances!)
      if (block.toStep > k + 1) continue
      record(block, sum, 1)
      active.delete(block)
      free.push(sum)
    }
  }
}

function mixersOf(part: number, stream: number, step: number): FourWords {
  const words = new Uint32Array(4)
  // Always the same seed: the law of a forecast must not depend on chance.
  threefry([step, stream, 0, 0], seedWords(0n, variancePurpose, part), words, 0)
  return [words[0]!, words[1]!, words[2]!, words[3]!]
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => number): Map<number, Item[]> {
  const groups = new Map<number, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}
