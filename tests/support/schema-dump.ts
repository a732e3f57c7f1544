import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { openDatabase, openGovernanceDatabase, openNonceDatabase } from '#adapters/sqlite/database'

const openers = { main: openDatabase, governance: openGovernanceDatabase, nonces: openNonceDatabase }

/** The schema that all migrations together make, as text for a review. */
export function dumpSchema(file: keyof typeof openers): string {
  const db = openers[file]({
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
