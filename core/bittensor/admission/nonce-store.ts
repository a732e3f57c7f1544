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

/** A resolved promise means: on disk, even after a power failure. */
export interface NonceStore {
  load(receiver: string): Promise<{ readonly entries: readonly NonceEntry[]; readonly floors: readonly NonceFloor[] }>
  /** Keeps the larger nonce when the lane is already stored. */
  save(entry: NonceEntry): Promise<void>
  /** Forgets lanes and raises the floors in one step, so that a crash cannot leave one without the other. */
  forget(entries: readonly NonceEntry[], floors: readonly NonceFloor[]): Promise<void>
}
