import type { SchemeName } from './auth-scheme.ts'

/** The key of a set of nonces: one of our hotkeys, a scheme, a sender. Two sets share nothing. */
export interface NonceOwner {
  readonly receiver: string
  readonly scheme: SchemeName
  readonly sender: string
}

export interface NonceEntry extends NonceOwner {
  readonly lane: string
  readonly nonceNs: bigint
}

/** No nonce at or below this is taken in a lane that is not stored. */
export interface NonceFloor extends NonceOwner {
  readonly floorNs: bigint
}

export interface NonceRecords {
  readonly entries: readonly NonceEntry[]
  readonly floors: readonly NonceFloor[]
}

/** What goes to disk together. */
export interface NonceBatch {
  /** The larger nonce of a lane is kept. */
  readonly entries: readonly NonceEntry[]
  /** Lanes at or below the floor of their owner are forgotten in the same step. */
  readonly floors: readonly NonceFloor[]
  /** The floor of all owners; undefined: as it was. */
  readonly floorNs: bigint | undefined
}

/** The record of one nonce on its way to the disk. */
export interface NonceRecord {
  /**
   * Resolves when the answer may go out: the record is on disk, or the disk says that the records are incomplete. It
   * takes some milliseconds at most, whatever the disk does, and never rejects.
   */
  beforeAnswer(): Promise<void>
}

/** Remembers nonces over a restart. Nothing here waits for the disk, and nothing fails: what cannot be written waits. */
export interface NonceStore {
  load(receiver: string): Promise<NonceRecords>
  /**
   * No nonce at or below this is taken at all: what was answered before may not be on record. It can move with the time
   * that we work by.
   */
  floorNs(): bigint
  save(entry: NonceEntry): NonceRecord
  /** Raises floors and forgets the lanes at or below them in one step, so that a crash cannot leave one without the other. */
  raise(floors: readonly NonceFloor[]): void
}
