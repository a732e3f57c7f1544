import type { SchemeName } from './auth-scheme.ts'

/** Whose nonces: one of our hotkeys, a scheme, a sender. Nothing is shared between two of them. */
export interface NonceOwner {
  readonly receiver: string
  readonly scheme: SchemeName
  readonly sender: string
}

export interface NonceEntry extends NonceOwner {
  readonly lane: string
  readonly nonceNs: bigint
}

/** No nonce at or below this is taken in a lane that is not on record. */
export interface NonceFloor extends NonceOwner {
  readonly floorNs: bigint
}

/** A promise that resolves means: on the disk, and still there after a power cut. */
export interface NonceStore {
  load(receiver: string): Promise<{ readonly entries: readonly NonceEntry[]; readonly floors: readonly NonceFloor[] }>
  /** Keeps the greater nonce when the lane is already on record. */
  save(entry: NonceEntry): Promise<void>
  /** Forgets lanes and raises the floors in one step, so that no crash can leave the one without the other. */
  forget(entries: readonly NonceEntry[], floors: readonly NonceFloor[]): Promise<void>
}
