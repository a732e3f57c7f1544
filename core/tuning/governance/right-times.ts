import { minuteMs } from '#core/base/time/units'
import { floorToMinute } from '#core/market/minutes/minute-day'
import type { LedgerEntry } from './ledger.ts'

interface Correction {
  readonly fromEntry: number
  readonly toEntry: number
  readonly aheadMs: number
  /** When the correction was written: what it corrects was written before. */
  readonly latestMs: number
}

/** The entries with the times at which they were written by a right clock, where a later entry says that it was wrong. */
export function withRightTimes(entries: readonly LedgerEntry[]): readonly LedgerEntry[] {
  let right = entries
  for (const { kind, body, atMs } of entries) {
    if (kind !== 'clock' || body.what !== 'entries') continue
    right = correct(right, { ...body, latestMs: atMs })
  }
  return right
}

/** Never before an earlier entry: waits are counted from these times. */
function correct(entries: readonly LedgerEntry[], correction: Correction): readonly LedgerEntry[] {
  const { fromEntry, toEntry, aheadMs, latestMs } = correction
  let earliestMs = Number.NEGATIVE_INFINITY
  return entries.map((entry) => {
    if (entry.id > toEntry) return entry
    if (entry.id < fromEntry) {
      earliestMs = entry.atMs
      return entry
    }
    const atMs = Math.min(Math.max(entry.atMs - aheadMs, earliestMs), latestMs)
    earliestMs = atMs
    return move(entry, atMs)
  })
}

function move(entry: LedgerEntry, atMs: number): LedgerEntry {
  // As at every proposal and revert: from the next full minute.
  const effectiveAtMs = floorToMinute(atMs) + minuteMs
  if (entry.kind === 'proposed') return { ...entry, atMs, body: { ...entry.body, effectiveAtMs } }
  if (entry.kind === 'verdict' && entry.body.effectiveAtMs !== null) {
    return { ...entry, atMs, body: { ...entry.body, effectiveAtMs } }
  }
  return { ...entry, atMs }
}
