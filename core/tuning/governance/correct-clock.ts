import { counted } from '#core/base/text/counted'
import { formatMinute } from '#core/base/time/instant-text'
import { mostClockErrorMs, spell } from '#core/base/time/trusted-time'
import type { GovernanceRefusal } from './governance-error.ts'
import type { LedgerEntry, NewLedgerEntry } from './ledger.ts'
import type { ClockBody } from './ledger-events.ts'
import { refuseReason } from './propose-change.ts'
import { withRightTimes } from './right-times.ts'

export type ClockCorrection =
  /** Without an entry there is nothing to correct. */
  | { readonly ok: true; readonly entry: NewLedgerEntry | undefined; readonly sentence: string }
  | { readonly ok: false; readonly refusal: GovernanceRefusal }

/**
 * Entries that lie in the future were written by a clock that was ahead. They move back, with the distances between them,
 * so that the newest was written at `wasMs`: by default now, which is the latest that it can have been.
 */
export function correctEntries(
  entries: readonly LedgerEntry[],
  given: { readonly nowMs: number; readonly wasMs?: number | undefined; readonly reason: string },
): ClockCorrection {
  const { nowMs, wasMs = nowMs, reason } = given
  const refusal = refuseReason(reason) ?? refuseFuture(wasMs, nowMs)
  if (refusal !== undefined) return { ok: false, refusal }
  const right = withRightTimes(entries)
  const first = right.find(({ atMs }) => atMs > nowMs)
  const last = right.at(-1)
  if (first === undefined || last === undefined) {
    return { ok: true, entry: undefined, sentence: `No entry of the ledger is later than ${formatMinute(nowMs)}.` }
  }
  const aheadMs = last.atMs - wasMs
  const count = counted(last.id - first.id + 1, 'entry was', 'entries were')
  return {
    ok: true,
    entry: clockEntry(nowMs, { what: 'entries', fromEntry: first.id, toEntry: last.id, aheadMs, reason }),
    sentence: `${count} written by a clock that was ${spell(aheadMs)} off; the newest counts as written at ${formatMinute(wasMs)}.`,
  }
}

/** The day of the first start, from which the first fourteen days count. */
export function correctStart(given: {
  readonly nowMs: number
  readonly startedAtMs: number
  readonly wrongAtMs: number | undefined
  readonly reason: string
}): ClockCorrection {
  const { nowMs, startedAtMs, wrongAtMs, reason } = given
  const refusal = refuseReason(reason) ?? refuseFuture(startedAtMs, nowMs)
  if (refusal !== undefined) return { ok: false, refusal }
  const before = wrongAtMs === undefined ? 'unknown until now' : `${formatMinute(wrongAtMs)} until now`
  return {
    ok: true,
    entry: clockEntry(nowMs, { what: 'start', startedAtMs, wrongAtMs: wrongAtMs ?? null, reason }),
    sentence: `The miner first ran at ${formatMinute(startedAtMs)} (${before}).`,
  }
}

/** An entry of which the time has not come: undefined while all is well. */
export function futureEntry(
  lastEntry: { readonly id: number; readonly atMs: number } | undefined,
  nowMs: number,
): string | undefined {
  if (lastEntry === undefined || lastEntry.atMs - nowMs <= mostClockErrorMs) return undefined
  return `Entry ${lastEntry.id} of the ledger was written at ${formatMinute(lastEntry.atMs)}, which has not come: the clock was wrong then or is wrong now. Nothing can be proposed or undone until that is corrected.`
}

function clockEntry(atMs: number, body: ClockBody): NewLedgerEntry {
  return { kind: 'clock', asset: '*', changeId: 0, atMs, body }
}

function refuseFuture(atMs: number, nowMs: number): GovernanceRefusal | undefined {
  if (atMs <= nowMs) return undefined
  return {
    code: 'LEDGER_CLOCK_BEHIND',
    message: `${formatMinute(atMs)} has not come; the clock says ${formatMinute(nowMs)}.`,
  }
}
