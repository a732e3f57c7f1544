import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { type ConnectOptions, isDamage, isForeign, isOfAnotherProgram } from './migrated-file.ts'

type Database = SqliteDatabase.Database

/** Up to this size every page is checked; in larger files the stored prices, nearly all of it, are left out. */
export const wholeCheckBytes = 500_000_000
export const largeTable = 'prediction_paths'
const companions = ['-wal', '-shm']

/** Asks the next start to check every page, because something in the file could not be read. */
export function suspectDamage(path: string): void {
  writeFileSync(suspicionOf(path), '')
}

/** Reads only: a file that is moved aside stays unchanged. Undefined also if something else is wrong with it. */
export function findDamage({ path, busyTimeoutMs = 2_000 }: ConnectOptions): string | undefined {
  if (!existsSync(path)) return undefined
  const { size } = statSync(path)
  const log = `${path}-wal`
  // SQLite would treat it as a new database and delete the log.
  if (size === 0) return existsSync(log) && statSync(log).size > 0 ? 'it is empty, beside a log that is not' : undefined
  const headDamage = findHeadDamage(path)
  if (headDamage !== undefined) return headDamage
  let db: Database | undefined
  try {
    db = new SqliteDatabase(path, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs })
    // Refused by whoever opens it, and left where it is.
    if (isOfAnotherProgram(db)) return undefined
    if (isForeign(db)) return 'it does not say which release has written it'
    const isSuspect = existsSync(suspicionOf(path))
    const problem = size <= wholeCheckBytes || isSuspect ? check(db) : checkTables(db)
    if (isSuspect) rmSync(suspicionOf(path), { force: true })
    return problem
  } catch (error) {
    return isDamage(error) ? (error as Error).message : undefined
  } finally {
    db?.close()
  }
}

function check(db: Database, table?: string): string | undefined {
  const argument = table === undefined ? '1' : `'${table.replaceAll("'", "''")}'`
  const answer = db.pragma(`quick_check(${argument})`, { simple: true }) as string
  return answer === 'ok' ? undefined : answer
}

function checkTables(db: Database): string | undefined {
  const names = db.prepare<[], string>("select name from sqlite_schema where type = 'table'").pluck().all()
  for (const name of names) {
    const problem = name === largeTable ? undefined : check(db, name)
    if (problem !== undefined) return problem
  }
  return undefined
}

/**
 * The fields of the file's first hundred bytes for which SQLite does not answer "damaged" (but "read-only", for
 * example), or which it accepts unchecked. sqlite.org/fileformat.html, section 1.3.
 */
export function findHeadDamage(path: string): string | undefined {
  const head = Buffer.alloc(100)
  const file = openSync(path, 'r')
  try {
    if (readSync(file, head, 0, head.length, 0) < head.length) return 'it ends within its header'
  } finally {
    closeSync(file)
  }
  if (head.toString('latin1', 0, 16) !== 'SQLite format 3\0') return 'it does not begin like a database'
  const pageSize = head.readUInt16BE(16)
  const isPageSize = pageSize === 1 || (pageSize >= 512 && (pageSize & (pageSize - 1)) === 0)
  const hasVersions = isOneOf(head[18], 1, 2) && isOneOf(head[19], 1, 2)
  const hasFractions = head[21] === 64 && head[22] === 32 && head[23] === 32
  // Ours is UTF-8 and of the newest schema format; a database without a table has 0 here.
  const hasSchema = head.readUInt32BE(44) <= 4 && isOneOf(head.readUInt32BE(56), 0, 1)
  return isPageSize && hasVersions && hasFractions && hasSchema ? undefined : 'its header is not valid'
}

function isOneOf(value: number | undefined, ...allowed: readonly number[]): boolean {
  return value !== undefined && allowed.includes(value)
}

/** The log first: beside a new, empty database SQLite would delete it. */
export function moveAside(path: string, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, '')
  let target = `${path}.corrupt-${stamp}Z`
  for (let n = 2; [...companions, ''].some((ending) => existsSync(target + ending)); n += 1) {
    target = `${path}.corrupt-${stamp}Z-${n}`
  }
  for (const ending of [...companions, '']) if (existsSync(path + ending)) renameSync(path + ending, target + ending)
  rmSync(suspicionOf(path), { force: true })
  syncFolder(dirname(path))
  return target
}

/** So that a rename is on disk. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  fsyncSync(folder)
  closeSync(folder)
}

function suspicionOf(path: string): string {
  return `${path}.suspect`
}
