import { statSync } from 'node:fs'
import { connectDatabase } from './database.ts'

/**
 * Copies a log of at least so many bytes into its file. Passive: it waits for no reader and stops no writer. A log that
 * a reader holds is done when the reader has gone.
 */
export function checkpointFile(path: string, fromBytes: number): void {
  const size = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0
  if (size < fromBytes) return
  const db = connectDatabase({ path, busyTimeoutMs: 0 })
  try {
    db.pragma('wal_checkpoint(passive)')
  } finally {
    db.close()
  }
}
