import SqliteDatabase from 'better-sqlite3'
import { AppError, StoreError } from '#core/base/errors/app-error'

/** The database's objections in the words of governance; everything else is passed on unchanged. */
export function told<T>(what: 'read' | 'written', run: () => T): T {
  try {
    return run()
  } catch (cause) {
    // An answer of the gate inside the transaction is passed on unchanged, and so is a bug.
    if (cause instanceof AppError || !(cause instanceof SqliteDatabase.SqliteError)) throw cause
    if (cause.code.startsWith('SQLITE_BUSY') || cause.code.startsWith('SQLITE_LOCKED')) {
      throw new StoreError('LEDGER_BUSY', `The ledger was not ${what}: another process holds the database.`, { cause })
    }
    throw new StoreError('LEDGER_STORE_FAILED', `The ledger was not ${what}: ${cause.message}.`, { cause })
  }
}
