import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { LifecycleError, StoreError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { Stoppable } from '#core/base/lifecycle/shutdown-stack'

export interface ProcessLock extends Stoppable {
  /**
   * The process that held it before and ended without releasing it (killed, or power failure); undefined after an
   * orderly end.
   */
  readonly abandonedBy: string | undefined
}

/**
 * One miner per database. The lock is an exclusive SQLite transaction on a separate file, so the operating system
 * releases it however the process ends: there is no stale lock to remove by hand.
 */
export function acquireProcessLock(databasePath: string, pid: number): ProcessLock {
  const path = `${databasePath}.lock`
  const db = openLockFile(path)
  try {
    // The lock writes nothing, not even a journal: it must hold on a full disk too.
    db.pragma('journal_mode = memory')
    db.exec('begin exclusive')
  } catch (cause) {
    db.close()
    // Only "busy" means that another process holds it; anything else is a file that cannot serve as a lock.
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
  notePid(`${path}.pid`, pid)
  const stop = () => {
    // Before the lock is released: afterwards the file may be the next holder's.
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
  const reason = messageOf(cause)
  return new StoreError('STORE_OPEN_FAILED', `The lock file ${path} cannot be used: ${reason}.`, { cause })
}

/** Only a message names it. A full disk must not keep a miner from starting. */
function notePid(path: string, pid: number): void {
  try {
    writeFileSync(path, String(pid))
  } catch (error) {
    if (!isFull(error)) throw error
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}

function holderOf(path: string): string | undefined {
  try {
    return readFileSync(`${path}.pid`, 'utf8').trim() || 'unknown'
  } catch {
    return undefined
  }
}
