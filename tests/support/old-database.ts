import { existsSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { formerMigrations } from '#adapters/sqlite/former-migrations'
import { governancePathOf } from '#adapters/sqlite/governance-path'
import { readMigrations } from '#adapters/sqlite/migrated-file'
import { noncePathOf } from '#adapters/sqlite/nonce-path'
import { fillGovernance, openOlderDatabase } from './old-governance.ts'

const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
const all = readMigrations(migrationsDir).map(({ version }) => version)
export const newestVersion = all.at(-1)!
/** The newest migration of each older state of the main file. */
export const oldVersions = all.slice(1, -1)

const hash = '0'.repeat(64)
const text = (count: number, sql: (i: number) => string) => Array.from({ length: count }, (_, i) => sql(i)).join(';\n')

const prediction = (i: number) =>
  `'p${i}', 'BTC', ${i}, 3600, 60, 1, 0, 0, 'all', 'champion', 'm', 'v', '', '', 0, 1, 0, '', 1, '1', randomblob(500), '${hash}', ''`

/** Rows of each table, by the migration that makes it and the first that drops it. */
const fillings: readonly { from: number; until: number; fill: (db: SqliteDatabase.Database) => void }[] = [
  sql(1, 70, `insert into miner_facts values ('miner_start_date', '2026-05-01T00:00:00.000Z', 1)`),
  sql(
    10,
    120,
    text(30, (i) => `insert into nonces values ('us', 'v10', 'them ${i}', 'lane', ${10 ** 18 + i})`),
  ),
  sql(10, 120, `insert into nonce_floors values ('us', 'btauth1', 'them', ${10 ** 18})`),
  sql(20, 999, `insert into metagraphs values (50, '0xab', 1, 2, 3, 20)`),
  sql(
    20,
    999,
    text(
      20,
      (i) =>
        `insert into metagraph_neurons values (50, '0xab', ${i}, 'hot ${i}', 'cold', 1.5, 0.5, 1, 1, '', 0, 0, 7, 8, 0, 0, 0)`,
    ),
  ),
  sql(
    30,
    999,
    text(
      10,
      (
        i,
      ) => `insert into realized_paths (asset, start_at_ms, time_length_seconds, time_increment_seconds, venue, symbol,
        origin, point_count, prices, stored_at_ms)
        values ('BTC', ${i}, 3600, 60, 'v', 's', 'venue', 61, randomblob(488), 1)`,
    ),
  ),
  sql(40, 999, `insert into minute_series values (1, 'BTC', 'binanceSpot', 'BTCUSDT')`),
  sql(
    40,
    999,
    text(20, (i) => `insert into minute_days values (1, ${i}, randomblob(11520))`),
  ),
  sql(
    163,
    999,
    text(20, (i) => `insert into minute_candles values (1, ${i}, randomblob(960))`),
  ),
  sql(40, 999, `insert into minute_ranges values (1, 1, 'recorded', '', 1, 2, 1, 0, 0, 1, 1)`),
  sql(40, 999, `insert into minute_conflicts values (1, 1, 1, 2, 'recorded', 1, 1)`),
  sql(
    50,
    161,
    text(20, (i) => `insert into predictions values (${prediction(i)})`),
  ),
  sql(
    161,
    999,
    text(20, (i) => `insert into predictions values (${prediction(i)}, ${i === 1 ? "'event'" : 'null'})`),
  ),
  sql(
    50,
    999,
    text(20, (i) => `insert into prediction_paths values ('p${i}', 'x', 900, '${hash}', 1, randomblob(900))`),
  ),
  sql(51, 999, `insert into volatility_states values ('BTC', 'ewma', 'v', 's', '{}', 1, 1, 1, '${hash}', 1)`),
  sql(
    60,
    999,
    `insert into prediction_scores values ('p1', 'r', 'served', 'BTC', 1, 3600, 'c', 1, 1, 0, null, '[]', x'00', 1)`,
  ),
  sql(61, 999, `insert into jobs values ('${hash}', 'k', '{}', '[]', 'done', 1, null, null, null, '1', 1, 1)`),
  { from: 70, until: 100, fill: fillGovernance },
  sql(80, 999, `insert into field_prompts values ('BTC', 3600, 1, 1, x'0100', randomblob(8), randomblob(8), 1)`),
  sql(80, 999, `insert into field_windows values ('BTC', 3600, 1, 2, 0, 1)`),
  sql(90, 999, `insert into tuner_runs values (1, 'replay', 1, 2, 3, 0, 'done')`),
  sql(130, 999, `insert into uid_registrations values ('api', 7, 'hot', 0, 1)`),
  sql(
    131,
    999,
    `insert into file_scores values ('f', 'a', 0, 1, 1, 'BTC', 1, 3600, 'r', 'float64', 1, 1, null, '', 2, 2, 0, 1)`,
  ),
  sql(140, 999, `insert into unrepeatable_prices values ('p1', 1, 'because')`),
  sql(150, 999, `insert into field_forecasts values ('BTC', 3600, 1, 'ewma', 'r', 'c', 1, 1, null, null, '', 1)`),
  sql(160, 999, `insert into prediction_chain values (1, 'p1', 1, '${hash}', '${hash}', '${'1'.repeat(64)}')`),
  sql(
    162,
    999,
    `insert into training_runs values (1, 'r', '${hash.slice(0, 12)}', 'name: r', 1, null, 'v', 'd', 1, 2, 10, 5, 'stopped', 'asked',
       'o', 1, 2, 4, 0.5, null, null);
     insert into training_metrics values (1, 5, 1.5, 0.5, 0.001, 2)`,
  ),
]

function sql(from: number, until: number, statements: string) {
  return { from, until, fill: (db: SqliteDatabase.Database) => void db.exec(statements) }
}

/** The file as the release left it whose newest migration this is, with rows in every table and the hashes of its texts. */
export function makeOldDatabase(path: string, version: number): void {
  const db = openOlderDatabase(path, String(version + 1).padStart(4, '0'))
  for (const { from, until, fill } of fillings) if (from <= version && version < until) fill(db)
  const rename = db.prepare('update schema_migrations set sha256 = ? where version = ?')
  for (const [changed, sha256] of formerMigrations) rename.run(sha256, changed)
  db.close()
}

/** Every row of the main file and of those beside it, by table, as text. Opens nothing for migration. */
export function dumpRows(mainPath: string): ReadonlyMap<string, ReadonlySet<string>> {
  const rows = new Map<string, Set<string>>()
  for (const path of [mainPath, governancePathOf(mainPath), noncePathOf(mainPath)]) {
    if (!existsSync(path)) continue
    const db = new SqliteDatabase(path)
    try {
      const names = db
        .prepare<[], string>("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
        .pluck()
        .all()
      for (const name of names.filter((table) => table !== 'schema_migrations')) {
        const found = rows.get(name) ?? new Set<string>()
        for (const row of db.prepare(`select * from ${name}`).all()) found.add(asText(row as Record<string, unknown>))
        rows.set(name, found)
      }
    } finally {
      db.close()
    }
  }
  return rows
}

/** Columns in order of their names, without empty ones: a migration may have moved or added them. */
function asText(row: Record<string, unknown>): string {
  const ordered = Object.entries(row)
    .filter(([, value]) => value !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(ordered, (_, value: unknown) => (Buffer.isBuffer(value) ? value.toString('hex') : value))
}

/** Rows that are in the first and not in the second. */
export function missingRows(before: ReturnType<typeof dumpRows>, after: ReturnType<typeof dumpRows>): string[] {
  return [...before].flatMap(([table, rows]) =>
    [...rows].filter((row) => after.get(table)?.has(row) !== true).map((row) => `${table} ${row.slice(0, 100)}`),
  )
}
