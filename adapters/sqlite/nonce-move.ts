import type SqliteDatabase from 'better-sqlite3'
import { type MigratedFileOptions, openMigratedFile } from './migrated-file.ts'
import { type FloorRow, type NonceRow, SqliteNonceFile, toEntry, toFloor } from './nonce-file.ts'

type Database = SqliteDatabase.Database

/**
 * Copies the nonces of an older release out of the main file, which is locked meanwhile and drops its tables when this
 * returns. Copying twice changes nothing. The mark of completeness is not made here: the main file may be a backup that
 * was put back.
 */
export function moveNonces(main: Database, options: MigratedFileOptions): void {
  const entries = main.prepare<[], NonceRow>('select * from nonces').safeIntegers(true).all().map(toEntry)
  const floors = main.prepare<[], FloorRow>('select * from nonce_floors').safeIntegers(true).all().map(toFloor)
  if (entries.length + floors.length === 0) return
  const target = openMigratedFile(options)
  try {
    new SqliteNonceFile(target).write({ entries, floors, floorNs: undefined })
  } finally {
    target.close()
  }
}
