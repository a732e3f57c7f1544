import type { PartHealth } from '#core/base/health/health-board'
import type { StoreFailureKind } from '#core/base/store/stored'
import type { WriterState } from './messages.ts'

export interface JournalFacts {
  readonly state: WriterState | undefined
  readonly isWriting: boolean
  readonly committed: number
  /** By earlier runs, as counted at the start. */
  readonly keptBefore: number
  readonly unpersisted: number
  readonly restarts: number
}

const hints: Readonly<Record<StoreFailureKind, string>> = {
  busy: 'Another process holds the database; the miner retries by itself.',
  full: 'Free disk space, or lower journal.retainBytes; writing then continues by itself.',
  io: 'Check the disk and the permissions of db.path.',
  damaged: 'Restart the miner: it checks the database, moves a damaged one aside, and creates a new one.',
  other: 'Read the log for the cause.',
}

export function describeJournal({
  state,
  isWriting,
  committed,
  keptBefore,
  unpersisted,
  restarts,
}: JournalFacts): PartHealth {
  if (!isWriting) {
    return { state: 'degraded', sentence: 'The writer starts; predictions are served but not kept.' }
  }
  const counts = `${keptBefore + committed} predictions kept, ${committed} of them since the start, ${unpersisted} not`
  if (state?.failure !== undefined) {
    const { kind, detail } = state.failure
    const sentence = `Predictions are served but not kept (${detail}); ${counts}, ${state.waiting} wait in memory.`
    return { state: 'degraded', sentence, hint: hints[kind] }
  }
  const late = state === undefined || state.waiting === 0 ? '' : `, ${state.waiting} not written yet`
  const thin = state === undefined || state.withoutPrices === 0 ? '' : `, ${state.withoutPrices} without their prices`
  const again = restarts === 0 ? '' : `; the writer was replaced ${restarts} times`
  return { state: 'ok', sentence: `${counts}${late}${thin}${again}.` }
}
