import { statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { AppError, StoreError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import { hasHistory, unusable } from './migrated-file.ts'

export interface ShrunkFile {
  readonly path: string
  readonly sizeBytesBefore: number
  readonly sizeBytes: number
}

const temporaryFolderHint =
  'The new content is built in the folder that SQLITE_TMPDIR names, else in /var/tmp: it needs room there too.'

export interface ShrinkOptions {
  readonly busyTimeoutMs?: number
  readonly freeBytes?: (folder: string) => number
}

/** Beside the new content: what SQLite itself needs. */
const spareBytes = 20_000_000

/**
 * Writes the file anew without its unused pages, and so that it shrinks by itself from then on. For the holder of its
 * process lock. SQLite builds the new content in its temporary folder and then copies it in through the log beside the file.
 * The two are often on one disk, so there must be room for it twice. A kill or a full disk leaves the file as it was.
 */
export function shrink(path: string, options: ShrinkOptions = {}): ShrunkFile {
  const { busyTimeoutMs = 10_000, freeBytes = freeBytesOf } = options
  const sizeBytesBefore = statSync(path).size
  let db: SqliteDatabase.Database | undefined
  try {
    db = new SqliteDatabase(path, { fileMustExist: true, timeout: busyTimeoutMs })
    if (!hasHistory(db)) throw new StoreError('STORE_FOREIGN', `${path} is the database of another program.`)
    const number = (name: string) => db!.pragma(name, { simple: true }) as number
    const neededBytes = 2 * (number('page_count') - number('freelist_count')) * number('page_size') + spareBytes
    const free = freeBytes(dirname(path))
    if (free < neededBytes) {
      throw new StoreError(
        'OUTPUT_FAILED',
        `To shrink ${path} takes ${neededBytes} bytes for a while, and ${free} are free. Nothing was changed.`,
      )
    }
    db.pragma('auto_vacuum = incremental')
    db.exec('vacuum')
    db.pragma('wal_checkpoint(truncate)')
  } catch (error) {
    if (error instanceof AppError) throw error
    if (error instanceof SqliteDatabase.SqliteError && /^SQLITE_(FULL|BUSY|IOERR)/.test(error.code)) {
      const hint = error.code === 'SQLITE_FULL' ? ` ${temporaryFolderHint}` : ''
      const sentence = `${path} was not made smaller, and is as it was: ${messageOf(error)}.${hint}`
      throw new StoreError('OUTPUT_FAILED', sentence, { cause: error })
    }
    throw unusable(path, error)
  } finally {
    db?.close()
  }
  return { path, sizeBytesBefore, sizeBytes: statSync(path).size }
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}
