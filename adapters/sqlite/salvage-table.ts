import type SqliteDatabase from 'better-sqlite3'
import type { Database } from './database.ts'
import { isDamage } from './migrated-file.ts'

export type SalvagedRow = Readonly<Record<string, unknown>>

/** Without this limit, a damaged page in a wide index would be requested row by row for ever. */
const failuresAtMost = 200_000

/**
 * Returns every row of a table that can still be read. A page that cannot be read costs its own rows. Numbered rows are
 * searched in halves of the range after the last good one, others from both ends. Returns whether everything was
 * readable.
 */
export function salvageTable(db: Database, table: string, take: (row: SalvagedRow) => void): boolean {
  const shape = db
    .prepare<[string], { wr: number }>("select wr from pragma_table_list where schema = 'main' and name = ?")
    .get(table)
  if (shape === undefined) return false
  return shape.wr === 0 ? salvageNumbered(db, table, take) : salvageKeyed(db, table, take)
}

function salvageNumbered(db: Database, table: string, take: (row: SalvagedRow) => void): boolean {
  const range = db.prepare<[number, number], SalvagedRow & { rowid_: number }>(
    `select rowid as rowid_, * from ${quoted(table)} not indexed where rowid between ? and ? order by rowid`,
  )
  let failures = 0
  const lastId = findLastId(db, table)
  const pending: [number, number][] = [[0, lastId]]
  while (pending.length > 0) {
    const [from, to] = pending.pop()!
    let next = from
    const isWhole = readAll(range, [from, to], (row) => {
      next = row.rowid_ + 1
      const { rowid_, ...rest } = row
      take(rest)
    })
    if (isWhole) continue
    failures += 1
    if (failures > failuresAtMost) return false
    // The row with this number may be the unreadable one, or any row after it.
    if (next >= to) continue
    const middle = next + Math.floor((to - next) / 2)
    pending.push([middle + 1, to], [next, middle])
  }
  return failures === 0
}

/** If even the last number cannot be read: more rows than this do not fit into the file. */
function findLastId(db: Database, table: string): number {
  const indexes = attempt(() =>
    db.prepare<[string], string>('select name from pragma_index_list(?) where partial = 0').pluck().all(table),
  )
  const questions = ['not indexed', ...(indexes ?? []).map((name) => `indexed by ${quoted(name)}`)]
  const found = questions.flatMap(
    (how) =>
      attempt(() =>
        db
          .prepare<[], number>(`select max(rowid) from ${quoted(table)} ${how}`)
          .pluck()
          .get(),
      ) ?? [],
  )
  if (found.length > 0) return Math.max(...found)
  return (attempt(() => db.pragma('page_count', { simple: true }) as number) ?? 0) * 10
}

function salvageKeyed(db: Database, table: string, take: (row: SalvagedRow) => void): boolean {
  const key = db
    .prepare<[string], string>('select name from pragma_table_info(?) where pk > 0 order by pk')
    .pluck()
    .all(table)
    .map(quoted)
  const upwards = `select * from ${quoted(table)} order by ${key.join(', ')}`
  const downwards = `select * from ${quoted(table)} order by ${key.map((name) => `${name} desc`).join(', ')}`
  if (readAll(db.prepare<[], SalvagedRow>(upwards), [], take)) return true
  // Rows that both directions reach are returned twice; the caller recognises them by their key.
  readAll(db.prepare<[], SalvagedRow>(downwards), [], take)
  return false
}

function readAll<P extends unknown[], R>(
  statement: SqliteDatabase.Statement<P, R>,
  parameters: P,
  take: (row: R) => void,
): boolean {
  const rows = attempt(() => statement.iterate(...parameters))
  if (rows === undefined) return false
  for (;;) {
    const step = attempt(() => rows.next())
    if (step === undefined) return false
    if (step.done === true) return true
    take(step.value)
  }
}

/** Undefined if the file is damaged; every other error is passed on. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (isDamage(error)) return undefined
    throw error
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
