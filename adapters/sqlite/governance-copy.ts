import { createHash } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { messageOf } from '#core/base/errors/message-of'
import type { Database } from './database.ts'
import { governanceTables, selectAll } from './governance-tables.ts'

const copiedTables = ['miner_facts', 'ledger', 'evidence'] as const

export type CopiedTable = (typeof copiedTables)[number]
export type GovernanceRow = Readonly<Record<string, string | number | null>>

export interface CopiedRows {
  readonly rows: Readonly<Record<CopiedTable, readonly GovernanceRow[]>>
  /** Lines that do not match their hash: an incomplete end, or damage. */
  readonly damagedLines: number
  readonly hasOpenEnd: boolean
}

/**
 * A second copy of what may not be lost, beside the governance file: one line of JSON for each row, with a hash over
 * it. The copy is append-only, so a kill leaves at most an incomplete last line, which is written again.
 */
export class GovernanceCopy {
  readonly #path: string
  #problem: string | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** Why the copy is behind; undefined while it is not. */
  get problem(): string | undefined {
    return this.#problem
  }

  read(): CopiedRows {
    const rows: Record<CopiedTable, GovernanceRow[]> = { miner_facts: [], ledger: [], evidence: [] }
    let damagedLines = 0
    const text = existsSync(this.#path) ? readFileSync(this.#path, 'utf8') : ''
    for (const line of text.split('\n')) {
      if (line === '') continue
      const found = readLine(line)
      if (found === undefined) damagedLines += 1
      else rows[found.table].push(found.row)
    }
    return { rows, damagedLines, hasOpenEnd: text !== '' && !text.endsWith('\n') }
  }

  /**
   * Adds the rows that the database has and the copy lacks. It holds the write lock meanwhile, so that daemon and tuner
   * do not write at the same time. Never throws: the decision is in the database already.
   */
  sync(db: Database): void {
    if (db.memory) return
    try {
      db.transaction(() => this.#add(db)).immediate()
      this.#problem = undefined
    } catch (error) {
      this.#problem = `The copy of the ledger, ${this.#path}, cannot be written: ${messageOf(error)}.`
    }
  }

  #add(db: Database): void {
    const stored = copiedTables.flatMap((table) =>
      db
        .prepare<[], GovernanceRow>(selectAll(table))
        .all()
        .map((row) => ({ table, row, line: writeLine(table, row) })),
    )
    let copied = this.read()
    // Somebody restored an older file and continued from there: two histories in one copy would prove nothing.
    const hashes = new Map(stored.map(({ table, row }) => [`${table} ${row['id']}`, row['hash']]))
    if (copied.rows.ledger.some((row) => hashes.get(`ledger ${row['id']}`) !== row['hash'])) {
      setAside(this.#path)
      copied = this.read()
    }
    const known = new Set(copiedTables.flatMap((table) => copied.rows[table].map((row) => writeLine(table, row))))
    const missing = stored.filter(({ line }) => !known.has(line)).map(({ line }) => line)
    if (missing.length === 0) return
    const file = openSync(this.#path, 'a')
    try {
      writeFileSync(file, `${copied.hasOpenEnd ? '\n' : ''}${missing.join('\n')}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  }
}

/** Under a name that no earlier one has. */
export function setAside(path: string): void {
  if (!existsSync(path)) return
  let n = 1
  while (existsSync(`${path}.aside-${n}`)) n += 1
  renameSync(path, `${path}.aside-${n}`)
}

function writeLine(table: CopiedTable, row: GovernanceRow): string {
  const ordered = Object.fromEntries(governanceTables[table].columns.map((name) => [name, row[name] ?? null]))
  return JSON.stringify({ table, row: ordered, sha256: hashOf(table, ordered) })
}

function hashOf(table: string, row: GovernanceRow): string {
  return createHash('sha256')
    .update(JSON.stringify([table, row]))
    .digest('hex')
}

function readLine(line: string): { table: CopiedTable; row: GovernanceRow } | undefined {
  try {
    const { table, row, sha256 } = JSON.parse(line) as { table: CopiedTable; row: GovernanceRow; sha256: string }
    return copiedTables.includes(table) && hashOf(table, row) === sha256 ? { table, row } : undefined
  } catch {
    return undefined
  }
}
