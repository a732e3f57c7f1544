import type { Clock } from '#core/base/time/clock'
import type { Stage, StageMs } from '../journal/rung.ts'

export interface BudgetRules {
  /** How long before the start of the forecast an answer must leave, to be with the validator in time. */
  readonly safetyMarginMs: number
  /** Longest work on one answer, however far away the start is. */
  readonly computeTimeoutMs: number
}

/** Stages that something is done in, as opposed to waited for. */
export type BudgetedStage = 'forecast' | 'ensemble' | 'record'

/**
 * A stage gets a share of what remains when it begins. A rung that fails has then used up at most its share, and there is
 * always a share left for the next: after four that used up all they had, still an eleventh of the whole.
 */
const shares: Readonly<Record<BudgetedStage, number>> = { forecast: 0.15, ensemble: 0.35, record: 1 }
/** Nothing works in less; an answer that comes too late by this much is better than none. */
const leastMs: Readonly<Record<BudgetedStage, number>> = { forecast: 50, ensemble: 1_000, record: 0 }

/** The time of one answer: from now until it must leave. */
export class AnswerBudget {
  /** Already when the work began. */
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

  /** Below 0 once the answer is late. */
  leftMs(): number {
    return this.#leaveAtMs - this.#clock.monotonicMs()
  }

  stageMs(stage: BudgetedStage): number {
    return Math.max(leastMs[stage], shares[stage] * this.leftMs())
  }

  /** Notes where time went, and by how much that was more than the stage had. */
  spend(stage: Stage, durationMs: number, budgetMs = Number.POSITIVE_INFINITY): void {
    this.#spentMs.set(stage, (this.#spentMs.get(stage) ?? 0) + durationMs)
    if (durationMs >= budgetMs) this.#overMs.set(stage, (this.#overMs.get(stage) ?? 0) + durationMs)
  }

  spent(): StageMs {
    return Object.fromEntries([...this.#spentMs].map(([stage, ms]) => [stage, Math.round(ms * 1_000) / 1_000]))
  }

  /** Whose fault it is when the answer is late: a stage that used up all it had, else the longest. */
  overran(): Stage {
    if (this.beganLate) return 'wait'
    const byMs = [...(this.#overMs.size > 0 ? this.#overMs : this.#spentMs)].sort(([, a], [, b]) => b - a)
    return byMs[0]?.[0] ?? 'wait'
  }
}
