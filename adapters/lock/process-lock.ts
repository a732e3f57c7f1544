import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { LifecycleError } from '#core/errors/app-error'
import type { Stoppable } from '#core/lifecycle/shutdown-stack'

/**
 * One miner per database. The lock is an exclusive SQLite transaction on a file of its own, so that the operating
 * system releases it however the process ends: there is no stale lock to clear by hand.
 */
export function acquireProcessLock(databasePath: string, pid: number): Stoppable {
  const path = `${databasePath}.lock`
  mkdirSync(dirname(path), { recursive: true })
  const db = new SqliteDatabase(path, { timeout: 0 })
  try {
    db.exec('begin exclusive')
  } catch (cause) {
    db.close()
    throw new LifecycleError('DATA_DIR_LOCKED', `Another miner (process ${holderOf(path)}) uses ${databasePath}.`, {
      cause,
    })
  }
  writeFileSync(`${path}.pid`, String(pid))
  return { stop: () => void db.close() }
}

function holderOf(path: string): string {
  try {
    return readFileSync(`${path}.pid`, 'utf8').trim() || 'unknown'
  } catch {
    return 'unknown'
  }
}
