import type { Clock } from '#core/base/time/clock'
import type { Stage, StageMs } from '../journal/rung.ts'

export interface BudgetRules {
  /** How long before the start of the forecast an answer must leave, so that it reaches the validator in time. */
  readonly safetyMarginMs: number
  /** Longest work on one answer, however far away the start is. */
  readonly computeTimeoutMs: number
}

/** Stages of work, not of waiting. */
export type BudgetedStage = 'forecast' | 'ensemble' | 'record'

/**
 * A stage gets a share of the time that is left when it begins. So a rung that fails has used at most its share, and
 * there is always a share for the next one: after four rungs that used their whole share, an eleventh of the time is
 * left.
 */
const shares: Readonly<Record<BudgetedStage, number>> = { forecast: 0.15, ensemble: 0.35, record: 1 }
/** No stage works in less time. An answer that is late by this much is better than none. */
const leastMs: Readonly<Record<BudgetedStage, number>> = { forecast: 50, ensemble: 1_000, record: 0 }

/** The time of one answer: from now until it must leave. */
export class AnswerBudget {
  /** Spent before the work began. */
  readonly beganLate: boolean
  readonly #clock: Clock
  readonly #leaveAtMs: number
  readonly #spentMs = new Map<Stage, number>()
  readonly #overMs = new Map<Stage, number>()

  constructor(clock: Clock, rules: BudgetRules, startAtMs: number) {
    this.#clock = clock
    const untilSafeMs = startAtMs - rules.safetyMarginMs - clock.nowMs()
    this.beganLate = untilSafeMs <= 0
    this.#leaveAtMs = clock.monotonicMs() + Math.min(untilSafeMs, rules.computeTimeoutMs)
  }

  /** Below 0 when the answer is late. */
  leftMs(): number {
    return this.#leaveAtMs - this.#clock.monotonicMs()
  }

  stageMs(stage: BudgetedStage): number {
    return Math.max(leastMs[stage], shares[stage] * this.leftMs())
  }

  /** Notes how long a stage took, and by how much it exceeded its share. */
  spend(stage: Stage, durationMs: number, budgetMs = Number.POSITIVE_INFINITY): void {
    this.#spentMs.set(stage, (this.#spentMs.get(stage) ?? 0) + durationMs)
    if (durationMs >= budgetMs) this.#overMs.set(stage, (this.#overMs.get(stage) ?? 0) + durationMs)
  }

  spent(): StageMs {
    return Object.fromEntries([...this.#spentMs].map(([stage, ms]) => [stage, Math.round(ms * 1_000) / 1_000]))
  }

  /** The stage to blame for a late answer: one that used its whole share, else the longest. */
  overran(): Stage {
    if (this.beganLate) return 'wait'
    const byMs = [...(this.#overMs.size > 0 ? this.#overMs : this.#spentMs)].sort(([, a], [, b]) => b - a)
    return byMs[0]?.[0] ?? 'wait'
  }
}
