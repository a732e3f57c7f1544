import { dayMs } from '#core/base/time/units'

/** The judge's time for one waiting answer, on a slow machine. */
const judgeMs = 200

/** All in real time except `betweenRoundsMs`, which is market time. */
export interface PaceFacts {
  readonly leftMs: number
  readonly longestRoundMs: number
  readonly betweenRoundsMs: number
  readonly leapSpeed: number
  /** Answers that wait for their score. */
  readonly pending: number
}

/** Whether another round fits in, with the following day that its answers need before they can be scored. */
export function hasRoomForRound(facts: PaceFacts): boolean {
  const travelMs = (facts.betweenRoundsMs + dayMs) / facts.leapSpeed
  return facts.leftMs > facts.longestRoundMs + travelMs + facts.pending * judgeMs
}

/**
 * Where the simulated market begins, whatever the date: a Tuesday, an hour before the exchanges in New York open. One
 * seed is then one market, under one set of rules.
 */
export const marketStartMs = Date.UTC(2026, 9, 6, 12)
