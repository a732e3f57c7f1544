/** The thread of the nonce file, so that neither a lock nor a slow disk delays the answering thread. */
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '#adapters/clock/system-clock'
import { SqliteNonceFile } from '#adapters/sqlite/nonce-file'
import { openSoundNonces } from '#adapters/sqlite/sound-nonces'
import { attempt } from '#adapters/sqlite/store-failure'
import type { NonceBatch } from '#core/bittensor/admission/nonce-store'
import type { LoadedNonces } from '#core/bittensor/admission/nonce-writer'
import { serveCalls } from '../workers/serve-calls.ts'

export interface NonceWorkerData {
  /** Of the main file. */
  readonly dbPath: string
  readonly migrationsDir: string
}

/** A lock of another process is waited for here, where nobody else waits. */
const busyTimeoutMs = 1_000

const { dbPath, migrationsDir } = workerData as NonceWorkerData

serveCalls(parentPort!, {
  attempt,
  open: () => {
    const { db, damage } = openSoundNonces({ path: dbPath, migrationsDir, clock: systemClock, busyTimeoutMs })
    const file = new SqliteNonceFile(db)
    return {
      calls: {
        load: (): LoadedNonces => ({ ...file.load(), damage }),
        write: (batch: NonceBatch) => file.write(batch),
      },
      close: () => db.close(),
    }
  },
})
