import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { constants, setPriority } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { AppError, StoreError, UsageError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import { syncFolder } from './find-damage.ts'
import { governancePathOf } from './governance-path.ts'
import { unusable } from './migrated-file.ts'

type Database = SqliteDatabase.Database

export interface StoredFile {
  readonly path: string
  readonly sizeBytes: number
  /** Rows of each table. */
  readonly tables: Readonly<Record<string, number>>
}

/** Between two steps of a copy others get their turn. */
const pagesAStep = 1_000

/**
 * Copies the databases of a miner that may be at work into a new folder. Each is read within one transaction: writers go
 * on beside it, and no write makes it begin again. The folder has its name only when every file in it is on disk, has
 * been opened, checked page by page, and holds the rows that were counted in the same transaction.
 */
export async function backUp(mainPath: string, target: string): Promise<readonly StoredFile[]> {
  const folder = resolve(target)
  if (existsSync(folder)) {
    throw new UsageError('USAGE', `${target} is there already, and nothing is overwritten.`, {
      hint: 'Name a new folder.',
    })
  }
  if (!existsSync(mainPath)) throw new StoreError('STORE_MISSING', `There is no database ${mainPath}.`)
  yieldToTheMiner()
  const building = `${folder}.part-${process.pid}`
  try {
    mkdirSync(building, { recursive: true })
    const sources = [mainPath, governancePathOf(mainPath)].filter((path) => existsSync(path))
    const copies: StoredFile[] = []
    for (const source of sources) {
      const copy = await copyDatabase(source, join(building, basename(source)))
      copies.push({ ...copy, path: join(folder, basename(source)) })
    }
    syncFolder(building)
    renameSync(building, folder)
    syncFolder(dirname(folder))
    return copies
  } catch (error) {
    if (existsSync(building)) rmSync(building, { recursive: true })
    if (error instanceof AppError) throw error
    throw new StoreError('OUTPUT_FAILED', `The backup ${target} was not made: ${messageOf(error)}.`, { cause: error })
  }
}

async function copyDatabase(source: string, target: string): Promise<Omit<StoredFile, 'path'>> {
  const db = new SqliteDatabase(source, { readonly: true, fileMustExist: true, timeout: 10_000 })
  let tables: Record<string, number>
  try {
    // What is read from here on is one state, however long the copy takes.
    db.exec('begin')
    try {
      tables = countRows(db)
    } catch (error) {
      throw unusable(source, error)
    }
    const sizeBytes =
      (db.pragma('page_count', { simple: true }) as number) * (db.pragma('page_size', { simple: true }) as number)
    const { bavail, bsize } = statfsSync(dirname(target))
    if (bavail * bsize < sizeBytes) {
      throw new StoreError(
        'OUTPUT_FAILED',
        `The copy of ${source} needs ${sizeBytes} bytes, and ${bavail * bsize} are free in ${dirname(dirname(target))}.`,
      )
    }
    await db.backup(target, { progress: () => pagesAStep })
    db.exec('commit')
  } finally {
    db.close()
  }
  const { sizeBytes } = checkStored(target, tables)
  return { sizeBytes, tables }
}

/** Opens a stored file and reads all of it; `expected` is what it has to hold, where that is known. */
export function checkStored(path: string, expected?: Readonly<Record<string, number>>): StoredFile {
  let problem: string
  let db: Database | undefined
  try {
    db = new SqliteDatabase(path, { fileMustExist: true })
    // One file, without a log beside it: it can be copied by any tool.
    db.pragma('journal_mode = delete')
    problem = db.pragma('quick_check(1)', { simple: true }) as string
    const tables = problem === 'ok' ? countRows(db) : {}
    const different = Object.keys({ ...expected, ...tables }).find(
      (name) => expected !== undefined && expected[name] !== tables[name],
    )
    if (problem === 'ok' && different === undefined) {
      db.close()
      syncFile(path)
      return { path, sizeBytes: statSync(path).size, tables }
    }
    if (problem === 'ok') problem = `the table ${different} has ${tables[different!]} rows of ${expected?.[different!]}`
  } catch (error) {
    problem = messageOf(error)
  } finally {
    db?.close()
  }
  throw new StoreError('BACKUP_UNSOUND', `${path} is no sound copy: ${problem}.`)
}

export function countRows(db: Database): Record<string, number> {
  const names = db
    .prepare<[], string>(
      "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name",
    )
    .pluck()
    .all()
  const count = (name: string) => db.prepare<[], number>(`select count(*) from "${name}"`).pluck().get()!
  return Object.fromEntries(names.map((name) => [name, count(name)]))
}

export function syncFile(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** A prompt that is late because of a backup would be a bad trade. */
function yieldToTheMiner(): void {
  try {
    setPriority(constants.priority.PRIORITY_LOW)
  } catch {
    // Not allowed here: it then runs as any other program.
  }
}
