import { minuteMs } from '#core/base/time/units'

/** Real time of a round with the eight hours to it, and of the beginning and the last day, on two idle cores. */
const roundMs = 12_000
const aroundMs = 20_000

/** How many rounds take about so long. Not as many as fit in: the same seed must give the same table on any machine. */
export function roundsIn(minutes: number): number {
  return Math.max(1, Math.floor((minutes * minuteMs - aroundMs) / roundMs))
}

/**
 * Where the simulated market begins, whatever the date: a Tuesday, an hour before the exchanges in New York open. One
 * seed is then one market, under one set of rules.
 */
export const marketStartMs = Date.UTC(2026, 9, 6, 12)
