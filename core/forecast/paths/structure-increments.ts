/**
 * Arranges an ensemble so that the sums of its increments have, block by block, the quantiles of the forecast. It ranks
 * each block's sums, moves each sum to the quantile of its rank, and spreads the move over the steps of the block in
 * proportion to their variance. Moving one block disturbs the others, so several sweeps are needed. The remaining
 * errors and the rejected variants are in docs/ensemble-experiments.md.
 */
import type { Arena } from './arena.ts'
import type { LevelTargets } from './block-laws.ts'
import type { BlockPlan, PlanLevel } from './block-plan.ts'
import type { PathMath } from './path-math.ts'

export interface SweepCounts {
  readonly sweeps: number
  /** Rounds over the coarse blocks in each sweep: there are few, and they have the most to agree on. */
  readonly coarseRounds: number
}

export const defaultSweeps: SweepCounts = { sweeps: 4, coarseRounds: 8 }

export function structureLength(plan: BlockPlan, stride: number): number {
  const coarse = plan.levels.filter(({ unitSteps }) => unitSteps > 1)
  const units = coarse.reduce((sum, { unitSteps }) => sum + Math.floor(plan.stepCount / unitSteps), 0)
  return (2 + 2 * units) * stride
}

/** `columns` hold one step each, `stepVariances` their variances over all paths. */
export function structureIncrements(
  columns: readonly Float64Array[],
  stepVariances: Float64Array,
  plan: BlockPlan,
  targets: readonly LevelTargets[],
  { sweeps, coarseRounds }: SweepCounts,
  math: PathMath,
  arena: Arena,
): void {
  const pathCount = columns[0]?.length ?? 0
  const [sums, moves] = arena.columns(2, pathCount) as [Float64Array, Float64Array]
  const levels = plan.levels.map((level, i) => ({
    level,
    targets: targets[i]!,
    units: level.unitSteps === 1 ? columns : arena.columns(Math.floor(plan.stepCount / level.unitSteps), pathCount),
    before: level.unitSteps === 1 ? [] : arena.columns(Math.floor(plan.stepCount / level.unitSteps), pathCount),
    unitVariances: sumUnits(stepVariances, level),
  }))
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    for (const { level, targets, units, before, unitVariances } of levels) {
      if (level.unitSteps === 1) {
        matchBlocks(units, unitVariances, level, targets, sums, moves, math)
        continue
      }
      for (const [unit, total] of units.entries()) {
        total.set(columns[unit * level.unitSteps]!)
        for (let k = 1; k < level.unitSteps; k += 1) math.addScaled(total, 1, columns[unit * level.unitSteps + k]!)
        before[unit]!.set(total)
      }
      for (let round = 0; round < coarseRounds; round += 1) {
        matchBlocks(units, unitVariances, level, targets, sums, moves, math)
      }
      for (const [unit, total] of units.entries()) {
        if (unitVariances[unit] === 0) continue
        math.addScaled(total, -1, before[unit]!)
        const first = unit * level.unitSteps
        for (let k = first; k < first + level.unitSteps; k += 1) {
          math.addScaled(columns[k]!, stepVariances[k]! / unitVariances[unit]!, total)
        }
      }
    }
  }
}

function matchBlocks(
  units: readonly Float64Array[],
  unitVariances: Float64Array,
  { blocks }: PlanLevel,
  { scales, quantiles }: LevelTargets,
  sums: Float64Array,
  moves: Float64Array,
  math: PathMath,
): void {
  for (const [i, { from, to }] of blocks.entries()) {
    const scale = scales[i]!
    // In a block without variance nothing moves, and nothing can be spread over it.
    if (scale === 0) continue
    if (to - from === 1) {
      math.matchRanks(moves, units[from]!, quantiles[i]!, scale)
      math.addScaled(units[from]!, 1, moves)
      continue
    }
    sums.set(units[from]!)
    for (let unit = from + 1; unit < to; unit += 1) math.addScaled(sums, 1, units[unit]!)
    math.matchRanks(moves, sums, quantiles[i]!, scale)
    for (let unit = from; unit < to; unit += 1) {
      math.addScaled(units[unit]!, unitVariances[unit]! / (scale * scale), moves)
    }
  }
}

function sumUnits(stepVariances: Float64Array, { unitSteps }: PlanLevel): Float64Array {
  const sums = new Float64Array(Math.floor(stepVariances.length / unitSteps))
  for (let unit = 0; unit < sums.length; unit += 1) {
    for (let k = unit * unitSteps; k < (unit + 1) * unitSteps; k += 1) sums[unit] = sums[unit]! + stepVariances[k]!
  }
  return sums
}
