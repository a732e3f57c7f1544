import type { PartHealth } from '#core/base/health/health-board'
import type { StoreFailure, StoreFailureKind } from '#core/base/store/stored'

export interface StoreFacts {
  readonly dbPath: string
  /** Why the miner works from memory since its start; undefined when it does not. */
  readonly substituteFor: string | undefined
  readonly failure: (StoreFailure & { readonly sinceMs: number }) | undefined
  /** Days of all series with minutes that wait. */
  readonly waitingDays: number
}

const hints: Readonly<Record<StoreFailureKind, string>> = {
  busy: 'Another process holds the database; the miner retries by itself.',
  full: 'Free disk space; the miner then writes by itself.',
  io: 'Check the disk and the permissions of db.path.',
  damaged: 'Restart the miner: it checks the database and keeps what can be read.',
  other: 'Read the log for the cause.',
}

export function describeStore({ dbPath, substituteFor, failure, waitingDays }: StoreFacts): PartHealth {
  if (substituteFor !== undefined) {
    return {
      state: 'degraded',
      sentence: `The disk was full at the start, so the miner works from memory and writes when there is room (${substituteFor})`,
      hint: hints.full,
    }
  }
  if (failure === undefined) return { state: 'ok', sentence: `${dbPath} is open and up to date.` }
  const since = new Date(failure.sinceMs).toISOString()
  return {
    state: 'degraded',
    sentence: `Minutes of ${waitingDays} days and series wait in memory since ${since} (${failure.kind}: ${failure.detail}); prompts are answered with them.`,
    hint: hints[failure.kind],
  }
}
