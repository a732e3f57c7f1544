import { existsSync, writeFileSync } from 'node:fs'
import type SqliteDatabase from 'better-sqlite3'
import { type MigratedFileOptions, openMigratedFile } from './migrated-file.ts'
import { type FloorRow, type NonceRow, SqliteNonceFile, toEntry, toFloor } from './nonce-file.ts'

type Database = SqliteDatabase.Database

/**
 * Copies the nonces of an older release out of the main file, which is locked meanwhile and drops its tables when this
 * returns. Copying twice changes nothing. The mark of completeness is not made here: the main file may be a backup that
 * was put back.
 *
 * Where no nonce file has been yet, this miner answers for the first time, or an older release has written down each nonce
 * before its answer: no answered nonce that is not in these rows is ahead of the clock, and the mark says so.
 */
export function moveNonces(main: Database, options: MigratedFileOptions, nearMark: string): void {
  const entries = main.prepare<[], NonceRow>('select * from nonces').safeIntegers(true).all().map(toEntry)
  const floors = main.prepare<[], FloorRow>('select * from nonce_floors').safeIntegers(true).all().map(toFloor)
  const isFirst = !existsSync(options.path)
  if (entries.length + floors.length > 0) {
    const target = openMigratedFile(options)
    try {
      new SqliteNonceFile(target).write({ entries, floors, floorNs: undefined })
    } finally {
      target.close()
    }
  }
  if (isFirst && options.path !== ':memory:') writeFileSync(nearMark, '')
}
