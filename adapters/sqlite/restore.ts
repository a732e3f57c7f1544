import { constants, copyFileSync, existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { AppError, StoreError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import { checkStored, type StoredFile, syncFile } from './backup.ts'
import { syncFolder } from './find-damage.ts'
import { governanceCopyPathOf, governancePathOf } from './governance-path.ts'
import { hasHistory, readApplied, readMigrations } from './migrated-file.ts'

export interface BackupPlace {
  readonly mainPath: string
  /** A folder of `backUp`, or one file: the main database alone. */
  readonly from: string
  readonly migrationsDir: string
}

export interface FoundBackup {
  readonly mainPath: string
  readonly files: readonly { readonly target: string; readonly source: string; readonly migrations: string }[]
}

export interface RestoredFile extends StoredFile {
  /** Where the replaced file lies now; undefined where there was none. */
  readonly movedTo: string | undefined
}

/** Looks only: nothing is made or changed where there is no backup. */
export function findBackup({ from, migrationsDir, ...place }: BackupPlace): FoundBackup {
  const mainPath = resolve(place.mainPath)
  const hint = 'Name the folder that "miner backup" made, or its miner.sqlite.'
  if (!existsSync(from)) throw new StoreError('STORE_MISSING', `There is no backup ${from}.`, { hint })
  const isFolder = statSync(from).isDirectory()
  const files = [
    { target: mainPath, migrations: migrationsDir },
    { target: governancePathOf(mainPath), migrations: join(migrationsDir, 'governance') },
  ]
    .map(({ target, migrations }) => ({ target, migrations, source: isFolder ? findIn(from, target, mainPath) : from }))
    .filter(({ source, target }) => (isFolder ? existsSync(source) : target === mainPath))
  if (files[0]?.target !== mainPath) {
    throw new StoreError('STORE_MISSING', `${from} holds no main database, ${basename(mainPath)}.`, { hint })
  }
  return { mainPath, files }
}

/**
 * Puts the files of a backup in the place of those of a miner, for the holder of its process lock. Everything is copied and
 * checked before the first file is replaced; what is replaced stays beside it. A kill at any point leaves either file, old
 * or new, never none: the same command again ends the work.
 */
export function restore({ mainPath, files }: FoundBackup, nowMs: number): readonly RestoredFile[] {
  const incoming = (target: string) => `${target}.restoring`
  try {
    const checked = files.map(({ source, target, migrations }) => {
      copyFileSync(source, incoming(target), constants.COPYFILE_FICLONE)
      const stored = checkStored(incoming(target))
      refuseOthers(incoming(target), source, migrations)
      return { ...stored, path: target }
    })
    const stamp = new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, '')
    const restored = checked.map((file) => ({ ...file, movedTo: replace(file.path, incoming(file.path), stamp) }))
    // The copy of the ledger would add what came after the backup.
    if (files.length > 1) keepAside(governanceCopyPathOf(mainPath), stamp)
    syncFolder(dirname(mainPath))
    return restored
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new StoreError('OUTPUT_FAILED', `The backup was not put back: ${messageOf(error)}.`, { cause: error })
  } finally {
    for (const { target } of files) rmSync(incoming(target), { force: true })
  }
}

/** Under the name that it has now, or under the one that any backup has when it was made of another db.path. */
function findIn(folder: string, target: string, mainPath: string): string {
  const own = join(folder, basename(target))
  const usual = join(folder, target === mainPath ? 'miner.sqlite' : 'miner-governance.sqlite')
  return existsSync(own) ? own : usual
}

function refuseOthers(path: string, source: string, migrationsDir: string): void {
  const db = new SqliteDatabase(path, { readonly: true })
  try {
    if (!hasHistory(db)) throw new StoreError('BACKUP_UNSOUND', `${source} is the database of another program.`)
    const known = new Set(readMigrations(migrationsDir).map(({ version }) => version))
    const newer = [...readApplied(db)].find(([version]) => !known.has(version))
    if (newer !== undefined) {
      throw new StoreError(
        'STORE_NEWER',
        `${source} holds migration ${newer[0]} (${newer[1].name}), which this release does not know.`,
      )
    }
  } finally {
    db.close()
  }
}

function replace(target: string, incoming: string, stamp: string): string | undefined {
  syncFile(incoming)
  foldLog(target)
  const aside = freeName(target, stamp)
  // What could not be folded in belongs to the old file alone.
  for (const end of ['-wal', '-shm']) if (existsSync(target + end)) renameSync(target + end, aside + end)
  const isThere = existsSync(target)
  // A second name for the old file, then the new file over the first: there is no moment without one.
  if (isThere) linkSync(target, aside)
  renameSync(incoming, target)
  return isThere ? aside : undefined
}

/** So that the file that is kept holds all that was committed. A damaged one keeps its log beside it. */
function foldLog(path: string): void {
  if (!existsSync(path)) return
  try {
    const db = new SqliteDatabase(path)
    db.pragma('wal_checkpoint(truncate)')
    db.close()
  } catch (error) {
    if (!(error instanceof SqliteDatabase.SqliteError)) throw error
  }
}

function keepAside(path: string, stamp: string): void {
  if (existsSync(path)) renameSync(path, freeName(path, stamp))
}

function freeName(path: string, stamp: string): string {
  let name = `${path}.before-restore-${stamp}Z`
  for (let n = 2; existsSync(name); n += 1) name = `${path}.before-restore-${stamp}Z-${n}`
  return name
}
