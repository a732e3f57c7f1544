import type { Database } from '#adapters/sqlite/database'
import { SqliteNonceFile } from '#adapters/sqlite/nonce-file'
import type { NonceMark } from '#core/bittensor/admission/nonce-mark'
import type { NonceBatch } from '#core/bittensor/admission/nonce-store'
import type { NonceWriter } from '#core/bittensor/admission/nonce-writer'

/** The nonce file on the calling thread: each call is done when it returns. */
export function directWriter(db: Database): NonceWriter {
  const file = new SqliteNonceFile(db)
  return {
    load: async () => ({ ok: true, value: { ...file.load(), damage: undefined } }),
    write: async (batch: NonceBatch) => ({ ok: true, value: file.write(batch) }),
  }
}

/** A mark in memory; unless told otherwise it lies there from the beginning. */
export class MemoryMark implements NonceMark {
  isMade: boolean

  constructor(isMade = true) {
    this.isMade = isMade
  }

  isThere(): boolean {
    return this.isMade
  }

  async make(): Promise<void> {
    this.isMade = true
  }

  async remove(): Promise<void> {
    this.isMade = false
  }
}
