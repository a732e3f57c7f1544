import SqliteDatabase from 'better-sqlite3'
import { StoreError } from '#core/base/errors/app-error'
import type { Stored, StoreFailure, StoreFailureKind } from '#core/base/store/stored'

const kinds: readonly (readonly [RegExp, StoreFailureKind])[] = [
  [/^SQLITE_(BUSY|LOCKED)/, 'busy'],
  [/^SQLITE_FULL/, 'full'],
  [/^SQLITE_(CORRUPT|NOTADB)/, 'damaged'],
  [/^SQLITE_(IOERR|CANTOPEN|READONLY|PERM)/, 'io'],
]

/** A refusal by SQLite itself is a value; anything else is a bug and stays a throw. */
export function attempt<T>(work: () => T): Stored<T> {
  try {
    return { ok: true, value: work() }
  } catch (error) {
    const failure = storeFailure(error)
    if (failure === undefined) throw error
    return { ok: false, failure }
  }
}

function storeFailure(error: unknown): StoreFailure | undefined {
  // Opening adds its own words to this error.
  if (error instanceof StoreError) return storeFailure(error.cause)
  if (isFileError(error)) return { kind: 'io', detail: error.message }
  if (!(error instanceof SqliteDatabase.SqliteError)) return undefined
  const kind = kinds.find(([pattern]) => pattern.test(error.code))?.[1] ?? 'other'
  return { kind, detail: `${error.message} (${error.code})` }
}

/** Of `statfs`: the file system is gone. */
function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}
