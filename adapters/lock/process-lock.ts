import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { LifecycleError, StoreError } from '#core/base/errors/app-error'
import type { Stoppable } from '#core/base/lifecycle/shutdown-stack'

export interface ProcessLock extends Stoppable {
  /** Who held it before and ended without giving it back, killed or out of power; undefined after an orderly end. */
  readonly abandonedBy: string | undefined
}

/**
 * One miner per database. The lock is an exclusive SQLite transaction on a file of its own, so that the operating
 * system releases it however the process ends: there is no stale lock to clear by hand.
 */
export function acquireProcessLock(databasePath: string, pid: number): ProcessLock {
  const path = `${databasePath}.lock`
  const db = openLockFile(path)
  try {
    db.exec('begin exclusive')
  } catch (cause) {
    db.close()
    // Only "busy" means that somebody holds it; anything else is a file that cannot serve as a lock.
    if (!isBusy(cause)) throw unusable(path, cause)
    throw new LifecycleError(
      'DATA_DIR_LOCKED',
      `Another miner (process ${holderOf(path) ?? 'unknown'}) uses ${databasePath}.`,
      {
        cause,
      },
    )
  }
  const abandonedBy = holderOf(path)
  writeFileSync(`${path}.pid`, String(pid))
  const stop = () => {
    // Before the lock: afterwards the file may be the next holder's.
    rmSync(`${path}.pid`, { force: true })
    db.close()
  }
  return { abandonedBy, stop }
}

function openLockFile(path: string): SqliteDatabase.Database {
  try {
    mkdirSync(dirname(path), { recursive: true })
    return new SqliteDatabase(path, { timeout: 0 })
  } catch (cause) {
    throw unusable(path, cause)
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof SqliteDatabase.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code)
}

function unusable(path: string, cause: unknown): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StoreError('STORE_OPEN_FAILED', `The lock file ${path} cannot be used: ${reason}.`, { cause })
}

function holderOf(path: string): string | undefined {
  try {
    return readFileSync(`${path}.pid`, 'utf8').trim() || 'unknown'
  } catch {
    return undefined
  }
}
