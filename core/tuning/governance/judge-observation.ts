import { counted } from '#core/base/text/counted'
import { dayMs } from '#core/base/time/units'
import { observationDays, observedUntilMs } from './eligibility.ts'
import { describeShare, isEnough } from './evidence.ts'
import type { Change } from './governance-state.ts'
import type { Assessment } from './ledger-events.ts'
import { comparePairs, type PairedComparison, type PairedScore } from './paired-comparison.ts'

/**
 * The look at the end decides at the usual level. There are many looks before, and one of them would exceed that level
 * by chance; they need a higher one.
 */
const finalLevel = 0.95
const interimLevel = 0.99
const leastObservation = { prompts: 30, days: 3 } as const
/** Without enough prompts the observation continues, up to this. */
export const longestObservationDays = 2 * observationDays

export interface Judgement {
  /** `alert`: significantly worse, and a person must decide. */
  readonly action: 'wait' | 'alert' | 'keep' | 'revert'
  readonly assessment: Assessment
  readonly comparison: PairedComparison | undefined
  /** For the verdict, when there is one. */
  readonly reason: string
}

/** What the scores since the change say about it, and the consequence. */
export function judgeObservation(
  change: Change,
  scores: readonly PairedScore[],
  { nowMs, autoRevert }: { readonly nowMs: number; readonly autoRevert: boolean },
): Judgement {
  const endMs = observedUntilMs(change)
  const isOver = nowMs >= endMs
  const comparison = comparePairs(scores, isOver ? finalLevel : interimLevel)
  const assessment = assess(comparison)
  const seen =
    comparison === undefined ? '' : `: ${describeShare(comparison)} on ${counted(comparison.count, 'prompt')}`
  if (assessment === 'worse' && autoRevert) {
    return { action: 'revert', assessment, comparison, reason: `scores worse than before${seen}` }
  }
  if (assessment === 'unknown') {
    const isLast = nowMs >= endMs + (longestObservationDays - observationDays) * dayMs
    const reason = `observed for ${longestObservationDays} days with too few scored prompts to tell`
    return { action: isLast ? 'keep' : 'wait', assessment, comparison, reason }
  }
  const reason = `observed for ${observationDays} days, ${assessment}${seen}`
  return { action: isOver ? 'keep' : assessment === 'worse' ? 'alert' : 'wait', assessment, comparison, reason }
}

function assess(comparison: PairedComparison | undefined): Assessment {
  if (comparison === undefined || !isEnough(comparison, leastObservation)) return 'unknown'
  const [low, high] = comparison.interval
  if (high < 0) return 'better'
  return low > 0 ? 'worse' : 'unchanged'
}
