import type SqliteDatabase from 'better-sqlite3'
import { StoreError } from '#core/base/errors/app-error'
import { type GovernanceTable, governanceTableNames, insertInto, selectAll } from './governance-tables.ts'
import { type MigratedFileOptions, openMigratedFile } from './migrated-file.ts'

type Database = SqliteDatabase.Database
type Row = Record<string, string | number | null>

/**
 * Copies governance out of the main file, which is locked against writers meanwhile and drops its tables when this
 * returns. The copy is on disk before that. A kill before it leaves the old tables alone, a kill between leaves both:
 * then the rows are found to be there already.
 */
export function moveGovernance(main: Database, options: MigratedFileOptions): void {
  const rows = new Map(governanceTableNames.map((table) => [table, main.prepare<[], Row>(selectAll(table)).all()]))
  if ([...rows.values()].every((found) => found.length === 0)) return
  const target = openMigratedFile(options)
  try {
    target
      .transaction(() => {
        withoutTriggers(target, () => {
          for (const [table, found] of rows) {
            if (table === 'open_changes') {
              // They follow from the ledger, and the new file may have gone on.
              if (isAhead(target, rows.get('ledger')!.length)) continue
              target.exec('delete from open_changes')
            }
            const present = target.prepare<[], Row>(selectAll(table)).all()
            const insert = target.prepare(insertInto(table))
            for (const row of missingRows(table, found, present, main.name, target.name)) insert.run(row)
          }
        })
        for (const [table, found] of rows) verifyCopy(target, table, found)
      })
      .immediate()
  } finally {
    target.close()
  }
}

/** The rows are copied as they are: the triggers guard what is new, and ids stay what others refer to. */
export function withoutTriggers(db: Database, work: () => void): void {
  const triggers = db
    .prepare<[], { name: string; sql: string }>("select name, sql from sqlite_schema where type = 'trigger'")
    .all()
  for (const { name } of triggers) db.exec(`drop trigger ${name}`)
  work()
  for (const { sql } of triggers) db.exec(sql)
}

function isAhead(target: Database, entryCount: number): boolean {
  return target.prepare<[], number>('select count(*) from ledger').pluck().get()! > entryCount
}

function missingRows(
  table: GovernanceTable,
  found: readonly Row[],
  present: readonly Row[],
  from: string,
  to: string,
): readonly Row[] {
  const keyOf = (row: Row) => row['id'] ?? row['name'] ?? row['asset']
  const known = new Map(present.map((row) => [keyOf(row), JSON.stringify(row)]))
  return found.filter((row) => {
    const other = known.get(keyOf(row))
    if (other === undefined) return true
    // The first start keeps its first value; runs only say that the miner looked.
    if (table === 'miner_facts' || table === 'governance_runs' || other === JSON.stringify(row)) return false
    throw new StoreError(
      'GOVERNANCE_DIVERGED',
      `${from} and ${to} hold different rows ${String(keyOf(row))} of the table ${table}; nothing was changed.`,
    )
  })
}

function verifyCopy(target: Database, table: GovernanceTable, found: readonly Row[]): void {
  if (table === 'open_changes') return
  const copied = new Set(
    target
      .prepare<[], Row>(selectAll(table))
      .all()
      .map((row) => JSON.stringify(row)),
  )
  const isWhole =
    table === 'miner_facts' || table === 'governance_runs'
      ? copied.size >= found.length
      : found.every((row) => copied.has(JSON.stringify(row)))
  if (!isWhole) {
    throw new StoreError('STORE_MIGRATION_FAILED', `The table ${table} was not copied whole; nothing was changed.`)
  }
}
