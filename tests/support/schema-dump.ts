import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { openDatabase, openGovernanceDatabase } from '#adapters/sqlite/database'

/** The schema that all migrations together make, as text for a review. */
export function dumpSchema(file: 'main' | 'governance'): string {
  const open = file === 'main' ? openDatabase : openGovernanceDatabase
  const db = open({
    path: ':memory:',
    migrationsDir: join(import.meta.dirname, '..', '..', 'migrations'),
    clock: systemClock,
  })
  const statements = db
    .prepare(
      "select sql from sqlite_schema where sql is not null and name not like 'sqlite_%' order by type desc, name",
    )
    .pluck()
    .all() as string[]
  db.close()
  return `${statements.map((sql) => `${sql};`).join('\n\n')}\n`
}
