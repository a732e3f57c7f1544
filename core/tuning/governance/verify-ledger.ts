import { AppError } from '#core/base/errors/app-error'
import { hashBeforeFirst } from '#core/base/text/hash-chain'
import { readSlot, sameSlot } from './change-parameters.ts'
import { type GovernanceState, openChangeOf, parametersOf, replayLedger } from './governance-state.ts'
import { type LedgerEntry, type LedgerRow, type LedgerRows, ledgerText } from './ledger.ts'
import { readLedgerEvent } from './ledger-events.ts'

export interface LedgerVerification {
  readonly isSound: boolean
  readonly entryCount: number
  /** Hash of the last entry. Stored elsewhere, it proves later that nothing was cut off at the end. */
  readonly headHash: string
  /** What does not match, the first entry first. */
  readonly problems: readonly string[]
}

/** Reads every entry in stored form: its hash, its place in the chain, and whether the rules allow it. */
export function verifyLedger(rows: LedgerRows, sha256: (text: string) => string): LedgerVerification {
  const stored = rows.readRows()
  const problems: string[] = []
  const entries: LedgerEntry[] = []
  let previousHash = hashBeforeFirst
  let previousAtMs = Number.NEGATIVE_INFINITY
  for (const [index, row] of stored.entries()) {
    const name = `Entry ${row.id}`
    if (row.id !== index + 1) problems.push(`${name} is where entry ${index + 1} should be.`)
    if (row.previousHash !== previousHash) problems.push(`${name} does not carry the hash of the previous entry.`)
    if (row.hash !== sha256(ledgerText(row))) problems.push(`${name} does not match its own hash.`)
    // An entry about the clock may follow on one that a clock ahead wrote.
    if (row.atMs < previousAtMs && row.kind !== 'clock') problems.push(`${name} is older than the previous entry.`)
    const entry = toEntry(row)
    if (entry === undefined) problems.push(`${name} has content that no release wrote.`)
    if (entry?.kind === 'proposed') problems.push(...told(() => checkProposal(entries, entry)))
    if (entry?.kind === 'clock') problems.push(...checkClockEntry(entry))
    if (entry !== undefined) entries.push(entry)
    previousHash = row.hash
    previousAtMs = row.atMs
  }
  if (problems.length === 0) problems.push(...told(() => checkOpenChanges(replayLedger(entries), rows)))
  return { isSound: problems.length === 0, entryCount: stored.length, headHash: previousHash, problems }
}

function toEntry(row: LedgerRow): LedgerEntry | undefined {
  const event = readLedgerEvent(row.kind, row.body)
  return event === undefined
    ? undefined
    : { ...event, id: row.id, asset: row.asset, changeId: row.changeId, atMs: row.atMs }
}

/** Whether the proposal is possible after the previous entries. */
function checkProposal(before: readonly LedgerEntry[], entry: LedgerEntry & { kind: 'proposed' }): string[] {
  const earlier = replayLedger(before)
  const change = replayLedger([...before, entry]).changes.at(-1)!
  const problems: string[] = []
  if (openChangeOf(earlier, entry.asset) !== undefined) {
    problems.push(`Entry ${entry.id} changes ${entry.asset} while another change of it was under observation.`)
  }
  const { parameter } = change
  const wasInForce = readSlot(parametersOf(earlier, entry.asset), parameter)
  // The first change of a slot starts from a default, and a later release may have another one.
  const isFirst = !earlier.changes.some(({ asset, slot }) => asset === entry.asset && slot === change.slot)
  if (!isFirst && !sameSlot(wasInForce, change.before)) {
    problems.push(`Entry ${entry.id} starts from another ${parameter.name} than the previous entries lead to.`)
  }
  return problems
}

function checkClockEntry({ id, body }: LedgerEntry & { kind: 'clock' }): string[] {
  if (body.what !== 'entries' || (body.fromEntry <= body.toEntry && body.toEntry < id)) return []
  return [`Entry ${id} corrects the time of entries that are not before it.`]
}

/** Entries that contradict each other are a finding here, not a failure. */
function told(check: () => readonly string[]): readonly string[] {
  try {
    return check()
  } catch (error) {
    if (error instanceof AppError) return [error.message]
    throw error
  }
}

function checkOpenChanges(state: GovernanceState, rows: LedgerRows): string[] {
  const expected = [...new Set(state.changes.map(({ asset }) => asset))]
    .flatMap((asset) => openChangeOf(state, asset) ?? [])
    .map(({ asset, id }) => `${asset} ${id}`)
    .sort()
  const found = rows
    .readOpenChanges()
    .map(({ asset, changeId }) => `${asset} ${changeId}`)
    .sort()
  if (expected.join() === found.join()) return []
  return [`The table of open changes says "${found.join(', ')}"; the entries lead to "${expected.join(', ')}".`]
}
