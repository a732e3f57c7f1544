import type { Stored } from '#core/base/store/stored'
import type { NonceBatch, NonceRecords } from './nonce-store.ts'

export interface StoredNonces extends NonceRecords {
  /** Of all owners; as `NonceStore.floorNs`. */
  readonly floorNs: bigint
}

export interface LoadedNonces extends StoredNonces {
  /** Why the file was replaced by an empty one; undefined when it was sound. */
  readonly damage: string | undefined
}

/** The nonce file behind a thread of its own. No call rejects. */
export interface NonceWriter {
  /** Of all our hotkeys. */
  load(): Promise<Stored<LoadedNonces>>
  /** All or nothing; `ok` means: on disk, even after a power failure. */
  write(batch: NonceBatch): Promise<Stored<void>>
}
