/** In addition to the score: the position of each real value among the members, and how widely these spread. */
import type { VolatilityBlock } from '../regimes/regime.ts'
import type { PathMatrix } from './crps.ts'
import { changeBps, type IntervalOptions, noStart, planScore, type ScorePlan } from './score-plan.ts'
import { blockCount, blockVolatilities, sumVolatility } from './volatility.ts'

/** All NaN if a member is not a finite number. */
export interface TermMeasure {
  /** How many members are not above the real value: from 0 to their number. */
  readonly rank: number
  readonly mean: number
  readonly variance: number
}

export interface BlockMeasure extends TermMeasure {
  readonly name: string
  readonly observed: number
}

export interface TermMeasures {
  /** Null for an answer with invalid prices. */
  readonly plan: ScorePlan | null
  /** One for each term of the plan. */
  readonly terms: readonly TermMeasure[]
  /** One for each observed volatility, block after block. */
  readonly blocks: readonly BlockMeasure[]
}

/** The readable reference, also used for answers too large for the kernel. */
export function measureTermsPlainly(
  paths: PathMatrix,
  real: ArrayLike<number>,
  options: IntervalOptions & { readonly volatilityBlocks: readonly VolatilityBlock[] },
): TermMeasures {
  const { pathCount, pointCount, values } = paths
  const plan = planScore(pointCount, real, options)
  const members = new Float64Array(pathCount)
  const terms = plan.observed.map((observed, i) => {
    for (let path = 0; path < pathCount; path += 1) {
      const after = values[path * pointCount + plan.to[i]!]!
      const from = plan.from[i]!
      members[path] = from === noStart ? after : changeBps(values[path * pointCount + from]!, after)
    }
    return measureMembers(members, observed)
  })
  const blocks: BlockMeasure[] = []
  const volatilityOptions = { stepSeconds: options.stepSeconds, blocks: options.volatilityBlocks }
  sumVolatility(real, pointCount, volatilityOptions, (blockSteps, observed, { name }) => {
    const simulated = blockVolatilities(paths, blockSteps)
    const count = blockCount(pointCount, blockSteps)
    for (const { block, volatility } of observed) {
      for (let path = 0; path < pathCount; path += 1) members[path] = simulated[path * count + block]!
      blocks.push({ name, observed: volatility, ...measureMembers(members, volatility) })
    }
    return []
  })
  return { plan, terms, blocks }
}

function measureMembers(members: Float64Array, observed: number): TermMeasure {
  if (!members.every(Number.isFinite)) return { rank: Number.NaN, mean: Number.NaN, variance: Number.NaN }
  const first = members[0]!
  const shift = members.reduce((sum, member) => sum + (member - first), 0) / members.length
  const squares = members.reduce((sum, member) => sum + (member - first - shift) ** 2, 0)
  const rank = members.reduce((count, member) => (member <= observed ? count + 1 : count), 0)
  return { rank, mean: first + shift, variance: squares / members.length }
}
