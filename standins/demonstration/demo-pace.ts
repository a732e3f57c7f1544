import { dayMs, hourMs } from '#core/base/time/units'

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

/** Where a simulated market begins: the last Tuesday before now, an hour before the exchanges in New York open. */
export function marketStartMs(nowMs: number): number {
  const today = Math.floor(nowMs / dayMs)
  // The epoch began on a Thursday.
  const sinceTuesday = (today + 4 - 2) % 7
  const startMs = (today - sinceTuesday) * dayMs + 12 * hourMs
  return startMs <= nowMs ? startMs : startMs - 7 * dayMs
}
