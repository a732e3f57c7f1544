import type { PartHealth } from '#core/base/health/health-board'
import type { StoreFailure, StoreFailureKind } from '#core/base/store/stored'

export interface NonceFacts {
  readonly failure: (StoreFailure & { readonly sinceMs: number }) | undefined
  readonly waiting: number
}

const hints: Readonly<Record<StoreFailureKind, string>> = {
  busy: 'Another process holds the nonce file; the miner retries by itself.',
  full: 'Free disk space; the miner then writes by itself.',
  io: 'Check the disk and the permissions of the folder of db.path.',
  damaged: 'Restart the miner: it moves the damaged nonce file aside and makes a new one.',
  other: 'Read the log for the cause.',
}

export function describeNonces({ failure, waiting }: NonceFacts): PartHealth {
  if (failure === undefined) return { state: 'ok', sentence: 'Used nonces are on disk.' }
  const since = new Date(failure.sinceMs).toISOString()
  return {
    state: 'degraded',
    sentence: `${waiting} used nonces wait in memory since ${since} (${failure.kind}: ${failure.detail}); prompts are answered.`,
    hint: hints[failure.kind],
  }
}
