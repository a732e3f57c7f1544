import { existsSync, readdirSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { StoreError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { Logger } from '#core/base/log/logger'
import { syncFile } from './backup.ts'
import { syncFolder } from './find-damage.ts'

type Database = SqliteDatabase.Database

const copiesKept = 2

/**
 * The way back to the previous release: the database as it is before its first new migration, `<path>.before-NNNN`. Without
 * room for it the upgrade goes on and says so: each migration is whole or not at all, and a miner that waits for an
 * operator answers nobody.
 */
export function copyBeforeUpgrade(db: Database, version: number, log: Logger | undefined): void {
  if (db.memory) return
  const path = db.name
  const copiedTo = `${path}.before-${String(version).padStart(4, '0')}`
  const part = `${copiedTo}.part`
  try {
    const pages = db.pragma('page_count', { simple: true }) as number
    const neededBytes = pages * (db.pragma('page_size', { simple: true }) as number)
    const { bavail, bsize } = statfsSync(dirname(path))
    // The migration needs some room of its own.
    if (bavail * bsize < 1.1 * neededBytes)
      throw new Error(`${neededBytes} bytes are needed, ${bavail * bsize} are free`)
    rmSync(part, { force: true })
    db.prepare('vacuum into ?').run(part)
    syncFile(part)
    renameSync(part, copiedTo)
    syncFolder(dirname(path))
  } catch (error) {
    rmSync(part, { force: true })
    const reason = messageOf(error)
    log?.warn(
      { event: 'database.not_copied', path, migration: version, reason },
      'The database is upgraded without a copy of its old state; the previous release cannot read it afterwards',
    )
    return
  }
  dropOldCopies(path)
  log?.info(
    { event: 'database.copied_before_upgrade', path, migration: version, copiedTo },
    `The database is upgraded. To go back: stop the miner, check out and build the previous release, put ${copiedTo} in the place of ${path}, start`,
  )
}

function dropOldCopies(path: string): void {
  const folder = dirname(path)
  const copies = readdirSync(folder)
    .filter((name) => name.startsWith(`${basename(path)}.before-`) && /[.]before-\d{4}$/.test(name))
    .map((name) => ({ name, atMs: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.atMs - a.atMs)
  for (const { name } of copies.slice(copiesKept)) rmSync(join(folder, name))
}

/** A miner of the previous release would find tables changed under it. */
export function refuseWhileMinerRuns(mainPath: string): void {
  const path = `${mainPath}.lock`
  if (!existsSync(path)) return
  const lock = new SqliteDatabase(path, { timeout: 0 })
  try {
    lock.exec('begin exclusive')
  } catch (cause) {
    throw new StoreError('STORE_IN_USE_BY_OLDER', `The miner that runs on ${mainPath} is of an older release.`, {
      cause,
    })
  } finally {
    lock.close()
  }
}
