import { createHash } from 'node:crypto'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { StoreError } from '#core/base/errors/app-error'
import type { Logger } from '#core/base/log/logger'
import { hashBeforeFirst } from '#core/base/text/hash-chain'
import { ledgerText } from '#core/tuning/governance/ledger'
import { readLedgerEvent } from '#core/tuning/governance/ledger-events'
import { type Database, type OpenDatabaseOptions, openGovernanceDatabase } from './database.ts'
import { findDamage, findHeadDamage, moveAside, syncFolder } from './find-damage.ts'
import { type CopiedRows, GovernanceCopy, type GovernanceRow } from './governance-copy.ts'
import { governanceCopyPathOf, governancePathOf } from './governance-path.ts'
import { SqliteGovernanceStore } from './governance-store.ts'
import { type GovernanceTable, governanceTables, insertInto, selectAll } from './governance-tables.ts'
import { openMigratedFile } from './migrated-file.ts'
import { salvageTable } from './salvage-table.ts'

export interface SoundGovernance {
  readonly db: Database
  readonly copy: GovernanceCopy
}

type Options = OpenDatabaseOptions & { readonly log: Logger }

/** For programs that have opened the main file: opens it unchanged, with its copy. Only the miner repairs damage, at its start. */
export function openGovernance(options: OpenDatabaseOptions): SoundGovernance {
  const copy = new GovernanceCopy(governanceCopyPathOf(options.path))
  const path = governancePathOf(options.path)
  if (path !== ':memory:' && !existsSync(path) && copy.read().rows.ledger.length > 0) {
    throw new StoreError('STORE_CORRUPT', `${path} is missing, and the copy beside it holds a ledger.`)
  }
  return { db: openGovernanceDatabase(options), copy }
}

/**
 * For the miner at its start, while it holds the process lock. A damaged page of a disk must not delete what an
 * operator decided. A governance file that is missing, damaged or changed from outside is rebuilt from what can be read of
 * it and from its copy, as far as the chain of hashes is intact. The damaged file is kept aside, and losses are recorded.
 */
export function openSoundGovernance(given: Options): SoundGovernance {
  const options = { ...given, holdsLock: true }
  const { path: mainPath, log } = options
  const path = governancePathOf(mainPath)
  const copy = new GovernanceCopy(governanceCopyPathOf(mainPath))
  if (path === ':memory:') return { db: openGovernanceDatabase(options), copy }
  // A kill between the renames below; what is called so is complete.
  if (existsSync(`${path}.rebuilt`)) {
    if (existsSync(path)) moveAside(path, options.clock.nowMs())
    renameSync(`${path}.rebuilt`, path)
  }
  rmSync(`${path}.rebuilding`, { force: true })
  const copied = copy.read()
  const isMissing = !existsSync(path)
  if (isMissing && copied.rows.ledger.length === 0 && copied.rows.miner_facts.length === 0) {
    return { db: openGovernanceDatabase(options), copy }
  }
  const damage = isMissing ? 'it is missing' : (findDamage({ ...options, path }) ?? findBrokenChain(options))
  if (damage !== undefined) {
    const { movedTo, ...result } = rebuild(options, path, copied)
    const fields = { event: 'governance.store_corrupt', path, reason: damage, ...result }
    log.error(
      movedTo === undefined ? fields : { ...fields, movedTo },
      'The governance file was damaged; a new one was made from what could be read and from its copy',
    )
  }
  const db = openGovernanceDatabase(options)
  const added = damage === undefined ? addMissing(db, copied) : 0
  if (added > 0) {
    log.warn(
      { event: 'governance.restored', path, added },
      'The governance file was older than its copy; rows were added',
    )
  }
  copy.sync(db)
  if (copy.problem !== undefined) log.error({ event: 'governance.copy_failed', reason: copy.problem }, copy.problem)
  return { db, copy }
}

/** Without room on the disk: what the copy and the file hold, as far as the chain of hashes is intact. */
export function governanceInMemory(options: Options): SoundGovernance {
  const copy = new GovernanceCopy(governanceCopyPathOf(options.path))
  const copied = copy.read()
  const read = readDamaged(governancePathOf(options.path))
  const db = openGovernanceDatabase({ ...options, path: ':memory:' })
  const facts = uniqueBy('name', [...read.rows.miner_facts, ...copied.rows.miner_facts])
  db.transaction(() => {
    for (const row of facts) db.prepare(insertInto('miner_facts')).run(row)
    addEntries(db, chainOf([...read.rows.ledger, ...copied.rows.ledger]))
  })()
  return { db, copy }
}

/** A flipped bit within a row leaves the pages intact. */
function findBrokenChain(options: Options): string | undefined {
  const db = openGovernanceDatabase(options)
  try {
    const rows = db.prepare<[], GovernanceRow>(selectAll('ledger')).all()
    const sound = chainOf(rows).length
    return sound === rows.length ? undefined : `entry ${sound + 1} of the ledger does not fit the chain of hashes`
  } finally {
    db.close()
  }
}

interface Rebuilt {
  readonly movedTo: string | undefined
  readonly entriesKept: number
  readonly lost: string
}

/** Under another name first: a kill in the middle leaves the damaged file, and the next start begins again. */
function rebuild(options: Options, path: string, copied: CopiedRows): Rebuilt {
  const { migrationsDir, clock } = options
  const read = readDamaged(path)
  const candidates = [...read.rows.ledger, ...copied.rows.ledger]
  const entries = chainOf(candidates)
  const lastKnown = Math.max(0, ...candidates.filter(fitsOwnHash).map((row) => Number(row['id'])))
  // The copy is written after each entry: if it is complete, nothing came after its end.
  const isCopyWhole = copied.damagedLines === 0 && copied.rows.miner_facts.length + copied.rows.ledger.length > 0
  const isEndKnown = read.isWhole.ledger || isCopyWhole
  const building = `${path}.rebuilding`
  const db = openMigratedFile({ path: building, migrationsDir: join(migrationsDir, 'governance'), clock })
  const facts = uniqueBy('name', [...read.rows.miner_facts, ...copied.rows.miner_facts])
  let kept = 0
  db.transaction(() => {
    for (const row of facts) db.prepare(insertInto('miner_facts')).run(row)
    kept = addEntries(db, entries)
    for (const row of uniqueBy('id', [...read.rows.evidence, ...copied.rows.evidence])) {
      tryInsert(db, 'evidence', row)
    }
    for (const row of uniqueBy('id', read.rows.governance_runs)) tryInsert(db, 'governance_runs', row)
  })()
  const sentences: string[] = []
  if (kept < lastKnown) {
    sentences.push(
      kept + 1 === lastKnown
        ? `Entry ${lastKnown} of the ledger is lost; entries 1 to ${kept} are in effect.`
        : `Of ${lastKnown} entries of the ledger, those after entry ${kept} are lost; parameters are those of entry ${kept}.`,
    )
  } else if (!isEndKnown) {
    sentences.push(
      kept === 0
        ? 'No entry of the ledger could be read, so all parameters are the defaults.'
        : `Entries after entry ${kept} of the ledger, if there were any, are lost.`,
    )
  }
  if (!facts.some(({ name }) => name === 'miner_start_date')) {
    sentences.push('The first start of the miner is lost: fourteen days before a first change count from now.')
  }
  const lost = sentences.join(' ')
  if (lost !== '') new SqliteGovernanceStore(db).recordLoss(clock.nowMs(), lost)
  db.pragma('wal_checkpoint(truncate)')
  db.close()
  renameSync(building, `${path}.rebuilt`)
  const movedTo = existsSync(path) ? moveAside(path, clock.nowMs()) : undefined
  renameSync(`${path}.rebuilt`, path)
  syncFolder(dirname(path))
  return { movedTo, entriesKept: kept, lost: lost === '' ? 'nothing' : lost }
}

interface ReadRows {
  readonly rows: Record<GovernanceTable, GovernanceRow[]>
  readonly isWhole: Record<GovernanceTable, boolean>
}

function readDamaged(path: string): ReadRows {
  const names = Object.keys(governanceTables) as GovernanceTable[]
  const found: ReadRows = {
    rows: Object.fromEntries(names.map((name) => [name, [] as GovernanceRow[]])) as unknown as ReadRows['rows'],
    isWhole: Object.fromEntries(names.map((name) => [name, false])) as ReadRows['isWhole'],
  }
  // SQLite takes an empty file for a new database and deletes the log beside it.
  if (!existsSync(path) || findHeadDamage(path) !== undefined) return found
  // Whatever SQLite makes of such bytes: what could be read before them is all there is.
  const reading = <T>(read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      if (error instanceof SqliteDatabase.SqliteError) return undefined
      throw error
    }
  }
  const db = reading(() => new SqliteDatabase(path, { readonly: true, fileMustExist: true }))
  if (db === undefined) return found
  for (const name of names) {
    found.isWhole[name] =
      reading(() => salvageTable(db, name, (row) => void found.rows[name].push(row as GovernanceRow))) ?? false
  }
  db.close()
  return found
}

/** The longest run of entries from the first one on in which each matches its hash and the previous entry. */
function chainOf(rows: readonly GovernanceRow[]): GovernanceRow[] {
  const chain: GovernanceRow[] = []
  let previousHash = hashBeforeFirst
  for (;;) {
    const next = rows.find((row) => row['id'] === chain.length + 1 && isSound(row, previousHash))
    if (next === undefined) return chain
    chain.push(next)
    previousHash = String(next['hash'])
  }
}

function isSound(row: GovernanceRow, previousHash: string): boolean {
  const isOurs = readLedgerEvent(String(row['kind']), String(row['body'])) !== undefined
  return isOurs && row['previous_hash'] === previousHash && fitsOwnHash(row)
}

function fitsOwnHash(row: GovernanceRow): boolean {
  const text = ledgerText({
    id: Number(row['id']),
    kind: String(row['kind']),
    asset: String(row['asset']),
    changeId: Number(row['change_id']),
    atMs: Number(row['at_ms']),
    body: String(row['body']),
    previousHash: String(row['previous_hash']),
  })
  return createHash('sha256').update(text).digest('hex') === row['hash']
}

/** Through the triggers, as if they were written now. Returns how many the rules allowed. */
function addEntries(db: Database, entries: readonly GovernanceRow[]): number {
  for (const [index, row] of entries.entries()) if (!tryInsert(db, 'ledger', row)) return index
  return entries.length
}

function tryInsert(db: Database, table: GovernanceTable, row: GovernanceRow): boolean {
  try {
    db.prepare(insertInto(table)).run(row)
    return true
  } catch (error) {
    if (error instanceof SqliteDatabase.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT')) return false
    throw error
  }
}

/**
 * What the copy has beyond an intact file: somebody restored an older one. Nothing is the rule, and then nothing is
 * written, so that a start does not depend on a lock of another process.
 */
function addMissing(db: Database, { rows }: CopiedRows): number {
  const add = db.transaction(() => {
    const { entries, facts } = findMissing(db, rows)
    return addEntries(db, entries) + facts.filter((row) => tryInsert(db, 'miner_facts', row)).length
  })
  const { entries, facts } = findMissing(db, rows)
  return entries.length + facts.length === 0 ? 0 : add.immediate()
}

function findMissing(
  db: Database,
  rows: CopiedRows['rows'],
): { readonly entries: readonly GovernanceRow[]; readonly facts: readonly GovernanceRow[] } {
  const stored = db.prepare<[], GovernanceRow>(selectAll('ledger')).all()
  const known = new Set(db.prepare<[], string>('select name from miner_facts').pluck().all())
  return {
    entries: chainOf([...stored, ...rows.ledger]).slice(stored.length),
    facts: uniqueBy('name', rows.miner_facts).filter(({ name }) => !known.has(String(name))),
  }
}

function uniqueBy(key: string, rows: readonly GovernanceRow[]): GovernanceRow[] {
  return [...new Map(rows.map((row) => [row[key], row])).values()]
}
