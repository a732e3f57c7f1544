import { counted } from '#core/base/text/counted'
import { hashBeforeFirst } from '#core/base/text/hash-chain'
import type { HashText } from '#core/base/text/hash-text'

/** One entry for each record, in the order of writing. */
export interface ChainEntry {
  readonly id: number
  readonly predictionId: string
  readonly startAtMs: number
  readonly recordHash: string
  readonly previousHash: string
  readonly hash: string
}

/** An entry, and the hash of its record as it is now; undefined: there is no such record any more. */
export interface ChainedRecord extends ChainEntry {
  readonly foundHash: string | undefined
}

/** What a check of the chain reads. */
export interface PredictionChain {
  /** In the order of the entries, one at a time. */
  entries(): Iterable<ChainedRecord>
  /** Records without an entry: those that are older than the chain, and the names of a few that are not. */
  unchained(): { readonly older: number; readonly others: number; readonly examples: readonly string[] }
}

export interface ChainVerification {
  readonly isSound: boolean
  readonly entryCount: number
  /** Above 1 where the entries before it went with their records; null for an empty chain. */
  readonly firstEntry: number | null
  readonly lastEntry: number | null
  /** Of the last entry. Stored elsewhere, it proves later that nothing before it was changed, and nothing cut off. */
  readonly headHash: string
  /** Entries whose records were deleted by age. */
  readonly withoutRecord: number
  /** Records from before the chain. */
  readonly olderRecords: number
  /** The entry with the given hash; null where none was given or found. */
  readonly knownEntry: number | null
  /** What does not match, the first entry first. */
  readonly problems: readonly string[]
}

/** The text whose SHA-256 an entry carries. No part contains a line break. */
export function chainText(entry: Omit<ChainEntry, 'hash'>): string {
  return [entry.previousHash, entry.id, entry.predictionId, entry.startAtMs, entry.recordHash].join('\n')
}

export function nextEntry(
  last: Pick<ChainEntry, 'id' | 'hash'> | undefined,
  record: Pick<ChainEntry, 'predictionId' | 'startAtMs' | 'recordHash'>,
  hashText: HashText,
): ChainEntry {
  const entry = { ...record, id: (last?.id ?? 0) + 1, previousHash: last?.hash ?? hashBeforeFirst }
  return { ...entry, hash: hashText(chainText(entry)) }
}

/** A damaged file may have thousands. */
const mostProblems = 100

/**
 * Reads every entry: its own hash, its place behind the one before, and its record. Records go by age alone, the earliest
 * starts first; so one that is gone while an earlier one from before it is there was not deleted by the miner.
 */
export function verifyChain(chain: PredictionChain, hashText: HashText, knownHash?: string): ChainVerification {
  const problems: string[] = []
  let problemCount = 0
  const complain = (problem: string): void => {
    problemCount += 1
    if (problems.length < mostProblems) problems.push(problem)
  }
  let first: ChainEntry | undefined
  let last: ChainEntry | undefined
  let entryCount = 0
  let withoutRecord = 0
  let knownEntry: number | null = null
  let earliestStartMs = Number.POSITIVE_INFINITY
  for (const entry of chain.entries()) {
    const { id, predictionId, startAtMs, recordHash, previousHash, hash, foundHash } = entry
    const name = `Entry ${id} (${predictionId})`
    if (last !== undefined && id !== last.id + 1) complain(`${name} is where entry ${last.id + 1} should be.`)
    const isBegin = last === undefined && id > 1
    if (!isBegin && previousHash !== (last?.hash ?? hashBeforeFirst)) {
      complain(`${name} does not carry the hash of the previous entry.`)
    }
    if (hash !== hashText(chainText(entry))) complain(`${name} does not match its own hash.`)
    if (foundHash === undefined) {
      withoutRecord += 1
      if (startAtMs > earliestStartMs) complain(`${name}: its record is gone, while earlier ones are there.`)
    } else {
      if (foundHash !== recordHash) complain(`${name}: its record is not the one that was written.`)
      earliestStartMs = Math.min(earliestStartMs, startAtMs)
    }
    if (hash === knownHash) knownEntry = id
    first ??= entry
    last = entry
    entryCount += 1
  }
  const { older, others, examples } = chain.unchained()
  if (others > 0) {
    const more = others > examples.length ? ' and more' : ''
    complain(`${counted(others, 'record')} came into the journal beside the chain: ${examples.join(', ')}${more}.`)
  }
  if (knownHash !== undefined && knownEntry === null) complain(`No entry has the hash ${knownHash}.`)
  if (problemCount > problems.length) problems.push(`And ${problemCount - problems.length} more.`)
  return {
    isSound: problemCount === 0,
    entryCount,
    firstEntry: first?.id ?? null,
    lastEntry: last?.id ?? null,
    headHash: last?.hash ?? hashBeforeFirst,
    withoutRecord,
    olderRecords: older,
    knownEntry,
    problems,
  }
}
