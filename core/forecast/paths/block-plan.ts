/**
 * Which sums of increments are compared with the real price, so that the ensemble can be arranged to have the
 * forecast's own distribution in each of them. Blocks are in two levels: those made of whole coarse units (the interval
 * of which most others are multiples) and the rest. So long sums are over a few units instead of many steps.
 */
export interface Block {
  /** In units of the level; `to` is the first unit after the block. */
  readonly from: number
  readonly to: number
}

export interface PlanLevel {
  readonly unitSteps: number
  /** Short ones first: a long block changes little in a short one, because its move is spread over all of it. */
  readonly blocks: readonly Block[]
}

export interface BlockPlan {
  readonly stepCount: number
  /** Single steps first. */
  readonly levels: readonly PlanLevel[]
}

export interface ScoredInterval {
  /** The suffix has a meaning: `_abs` compares prices, `_gaps` uses only the first change. */
  readonly name: string
  readonly seconds: number
}

export function planBlocks(stepCount: number, stepSeconds: number, intervals: readonly ScoredInterval[]): BlockPlan {
  const stepBlocks = intervals.flatMap((interval) => blocksOf(interval, stepCount, stepSeconds))
  const coarse = coarseUnit(stepBlocks)
  const levels = [1, coarse].flatMap((unitSteps, i) => {
    if (i === 1 && unitSteps === 1) return []
    const own = stepBlocks.filter((block) => coarse === 1 || isWhole(block, coarse) === (i === 1))
    const blocks = own.map(({ from, to }) => ({ from: from / unitSteps, to: to / unitSteps }))
    return blocks.length === 0 ? [] : [{ unitSteps, blocks: sortedOnce(blocks) }]
  })
  return { stepCount, levels }
}

function blocksOf({ name, seconds }: ScoredInterval, stepCount: number, stepSeconds: number): Block[] {
  const isAbsolute = name.endsWith('_abs')
  const wanted = Math.trunc(seconds / stepSeconds)
  // A price interval beyond the horizon is shortened to it, as the validator does; others are not scored.
  const steps = isAbsolute ? Math.min(wanted, stepCount) : wanted
  if (steps < 1 || steps > stepCount) return []
  if (name.endsWith('_gaps')) return [{ from: 0, to: steps }]
  const count = Math.floor(stepCount / steps)
  return Array.from({ length: count }, (_, i) => ({ from: isAbsolute ? 0 : i * steps, to: (i + 1) * steps }))
}

function isWhole({ from, to }: Block, unitSteps: number): boolean {
  return from % unitSteps === 0 && to % unitSteps === 0
}

/** The length above one step that divides the most blocks above one step; 1 if there is none. */
function coarseUnit(blocks: readonly Block[]): number {
  const long = blocks.filter(({ from, to }) => to - from > 1)
  const lengths = [...new Set(long.map(({ from, to }) => to - from))].sort((a, b) => a - b)
  let best = 1
  let mostBlocks = 0
  for (const length of lengths) {
    // Weighted by the additions that it saves: a block of many steps saves more than one of few.
    const saved = long.filter((block) => isWhole(block, length)).reduce((sum, { from, to }) => sum + to - from, 0)
    if (saved > mostBlocks) {
      best = length
      mostBlocks = saved
    }
  }
  return best
}

function sortedOnce(blocks: readonly Block[]): Block[] {
  const seen = new Set<string>()
  return [...blocks]
    .sort((a, b) => a.to - a.from - (b.to - b.from) || a.from - b.from)
    .filter(({ from, to }) => {
      const key = `${from}-${to}`
      return seen.has(key) ? false : seen.add(key)
    })
}
