import { dayMs, minuteMs } from './units.ts'

/** The last time that was believed, as it is kept across restarts and for other programs of the same miner. */
export interface TrustedTime {
  readonly atMs: number
  /** The computer's running time then; with the same `bootId` it tells how much time has passed since. */
  readonly uptimeMs: number
  readonly bootId: string
}

export interface TrustedTimeStore {
  readTrusted(): TrustedTime | undefined
  saveTrusted(time: TrustedTime): void
}

/** Runs on whatever happens to the wall clock, and through a sleep of the computer. */
export interface Uptime {
  readonly bootId: string
  uptimeMs(): number
}

/** A clock that is off by less harms no step that counts in days. */
export const mostClockErrorMs = 10 * minuteMs
/** A miner that was away for longer asks the chain, or an operator, before it takes a step that cannot be undone. */
const longestAwayMs = 7 * dayMs

/** Why the wall clock contradicts the last stored time; undefined when it does not. */
export function contradictStored(stored: TrustedTime | undefined, wallMs: number, uptime: Uptime): string | undefined {
  if (stored === undefined) return undefined
  const passedMs = uptime.uptimeMs() - stored.uptimeMs
  if (stored.bootId !== '' && stored.bootId === uptime.bootId && passedMs >= 0) {
    const offMs = wallMs - (stored.atMs + passedMs)
    return Math.abs(offMs) > mostClockErrorMs
      ? `it has jumped by ${spell(offMs)} since the last stored time`
      : undefined
  }
  const sinceMs = wallMs - stored.atMs
  if (sinceMs < -mostClockErrorMs) return `it is ${spell(sinceMs)} from the last stored time, which lies ahead of it`
  if (sinceMs > longestAwayMs) return `it is ${spell(sinceMs)} from the last stored time`
  return undefined
}

/** With a sign, in the unit that a person would take. */
export function spell(durationMs: number): string {
  const sign = durationMs < 0 ? '-' : '+'
  const size = Math.abs(durationMs)
  if (size >= 2 * dayMs) return `${sign}${Math.round(size / dayMs)} days`
  return `${sign}${Math.round(size / minuteMs)} min`
}
