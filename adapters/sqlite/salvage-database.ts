import { renameSync, rmSync, statSync } from 'node:fs'
import SqliteDatabase from 'better-sqlite3'
import { type Database, type OpenDatabaseOptions, openOlderDatabase } from './database.ts'
import { findHeadDamage, largeTable, wholeCheckBytes } from './find-damage.ts'
import { withoutTriggers } from './governance-move.ts'
import { dropMended, mendHead } from './mend-head.ts'
import { hasHistory, isDamage, readApplied } from './migrated-file.ts'
import { salvageTable } from './salvage-table.ts'

export interface Salvage {
  /** Rows of each table that are in the new file. */
  readonly kept: Readonly<Record<string, number>>
  /** Tables that are not whole, each with the rows that are missing, or null when nobody can count them. */
  readonly lost: Readonly<Record<string, number | null>>
}

/**
 * Writes what can be read of a damaged file into a new one of the same schema, `<path>.rebuilt`. Only reads the damaged
 * file. Undefined where nothing can be read; then there is no new file.
 */
export function salvageDatabase(options: OpenDatabaseOptions): Salvage | undefined {
  const { path } = options
  const building = `${path}.rebuilding`
  for (const end of ['', '-wal', '-shm']) rmSync(building + end, { force: true })
  // SQLite takes an empty file for a new database and deletes the log beside it.
  const readable = findHeadDamage(path) === undefined ? path : mendHead(path)
  if (readable === undefined) return undefined
  let source: Database | undefined
  let target: Database | undefined
  try {
    source = new SqliteDatabase(readable, { readonly: true, fileMustExist: true })
    if (!hasHistory(source)) return undefined
    const version = Math.max(...readApplied(source).keys())
    target = openOlderDatabase({ ...options, path: building }, version)
    const salvage = copyTables(source, target, statSync(path).size > wholeCheckBytes)
    target.pragma('wal_checkpoint(truncate)')
    target.close()
    renameSync(building, `${path}.rebuilt`)
    return salvage
  } catch (error) {
    if (isDamage(error) || error instanceof SqliteDatabase.SqliteError) return undefined
    throw error
  } finally {
    target?.close()
    source?.close()
    dropMended(path)
  }
}

/** Prices of a large file are left behind: they are made again from their recipes, and copying them takes minutes. */
function copyTables(source: Database, target: Database, isLarge: boolean): Salvage {
  const kept: Record<string, number> = {}
  const lost: Record<string, number | null> = {}
  const tables = target
    .prepare<[], string>("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
    .pluck()
    .all()
    .filter((name) => name !== 'schema_migrations')
  target.pragma('foreign_keys = off')
  target.transaction(() => {
    withoutTriggers(target, () => {
      for (const table of tables) {
        const isLeft = isLarge && table === largeTable
        const isWhole = !isLeft && copyTable(source, target, table)
        if (!isWhole) lost[table] = null
      }
      for (const table of tables) dropOrphans(target, table)
    })
  })()
  for (const table of tables) {
    kept[table] = countOf(target, table) ?? 0
    if (!(table in lost)) continue
    const before = countOf(source, table)
    lost[table] = before === undefined ? null : Math.max(0, before - kept[table])
  }
  return { kept, lost }
}

function copyTable(source: Database, target: Database, table: string): boolean {
  const columns = target.prepare<[string], string>('select name from pragma_table_info(?)').pluck().all(table)
  const insert = target.prepare(
    `insert or ignore into "${table}" (${columns.join(', ')}) values (${columns.map((name) => `:${name}`).join(', ')})`,
  )
  let refused = 0
  try {
    const isWhole = salvageTable(source, table, (row) => {
      try {
        insert.run(row)
      } catch (error) {
        // A torn row that the schema does not let in.
        if (!(error instanceof SqliteDatabase.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT'))) throw error
        refused += 1
      }
    })
    return isWhole && refused === 0
  } catch (error) {
    if (isDamage(error)) return false
    throw error
  }
}

/** A row whose parent is lost refers to nothing. */
function dropOrphans(db: Database, table: string): void {
  const keys = db
    .prepare<[string], { table: string; from: string; to: string }>(
      'select "table", "from", "to" from pragma_foreign_key_list(?)',
    )
    .all(table)
  for (const { table: parent, from, to } of keys) {
    db.exec(`delete from "${table}" where "${from}" not in (select "${to}" from "${parent}")`)
  }
}

function countOf(db: Database, table: string): number | undefined {
  try {
    return db.prepare<[], number>(`select count(*) from "${table}"`).pluck().get()
  } catch {
    return undefined
  }
}
