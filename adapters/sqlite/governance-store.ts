import type { Statement } from 'better-sqlite3'
import { z } from 'zod'
import type { TrustedTime, TrustedTimeStore } from '#core/base/time/trusted-time'
import type { Evidence, EvidenceStore } from '#core/tuning/governance/evidence'
import type { GovernanceRun, GovernanceRuns } from '#core/tuning/governance/governance-runs'
import type { GovernanceLoss, MinerFacts } from '#core/tuning/governance/miner-facts'
import { PairedComparison } from '#core/tuning/governance/paired-comparison'
import type { Database } from './database.ts'
import type { GovernanceCopy } from './governance-copy.ts'
import { told } from './ledger-told.ts'

const startDate = 'miner_start_date'
const lossPrefix = 'governance_loss_'

/** What is stored beside the ledger: evidence, runs, and when the miner first ran. */
export class SqliteGovernanceStore implements EvidenceStore, GovernanceRuns, MinerFacts, TrustedTimeStore {
  readonly #insertEvidence: Statement
  readonly #selectEvidence: Statement<[number], EvidenceRow>
  readonly #insertRun: Statement
  readonly #selectFact: Statement<[string], string>
  readonly #insertFact: Statement
  readonly #selectLosses: Statement<[string], { value: string; recorded_at_ms: number }>
  readonly #db: Database
  readonly #sync: () => void

  constructor(db: Database, copy?: GovernanceCopy) {
    this.#db = db
    this.#sync = () => copy?.sync(db)
    this.#insertEvidence = db.prepare(
      `insert into evidence (asset, parameter, old_value, new_value, slot_before, slot_after, comparison,
                             from_at_ms, to_at_ms, made_at_ms)
       values (:asset, :parameter, :oldValue, :newValue, :before, :after, :comparison, :fromMs, :toMs, :madeAtMs)`,
    )
    this.#selectEvidence = db.prepare(
      `select id, asset, parameter, old_value, new_value, slot_before, slot_after, comparison, from_at_ms, to_at_ms,
              made_at_ms
         from evidence where id = ?`,
    )
    this.#insertRun = db.prepare(
      `insert into governance_runs (kind, asset, started_at_ms, finished_at_ms, outcome)
       values (:kind, :asset, :startedAtMs, :finishedAtMs, :outcome)`,
    )
    this.#selectFact = db.prepare<[string], string>('select value from miner_facts where name = ?').pluck()
    this.#insertFact = db.prepare(
      `insert into miner_facts (name, value, recorded_at_ms) values (?, ?, ?) on conflict (name) do nothing`,
    )
    this.#selectLosses = db.prepare(
      `select value, recorded_at_ms from miner_facts where name like ? || '%' order by recorded_at_ms`,
    )
  }

  saveEvidence(evidence: Omit<Evidence, 'id'>): Evidence {
    const { oldValue, newValue, before, after, comparison, ...plain } = evidence
    const json = Object.fromEntries(
      Object.entries({ oldValue, newValue, before, after, comparison }).map(([name, value]) => [
        name,
        JSON.stringify(value),
      ]),
    )
    const { lastInsertRowid } = told('written', () => this.#insertEvidence.run({ ...plain, ...json }))
    this.#sync()
    return { ...evidence, id: Number(lastInsertRowid) }
  }

  findEvidence(id: number): Evidence | undefined {
    const row = told('read', () => this.#selectEvidence.get(id))
    return row === undefined ? undefined : toEvidence(row)
  }

  recordRun(run: GovernanceRun): void {
    told('written', () => this.#insertRun.run({ ...run, asset: run.asset ?? null }))
  }

  startedAtMs(): number | undefined {
    const text = told('read', () => this.#selectFact.get(startDate))
    return text === undefined ? undefined : Date.parse(text)
  }

  recordStart(atMs: number): void {
    // A full disk must not keep a miner from starting that has nothing to write.
    if (this.startedAtMs() !== undefined) return
    told('written', () => this.#insertFact.run(startDate, new Date(atMs).toISOString(), atMs))
    this.#sync()
  }

  readTrusted(): TrustedTime | undefined {
    const row = told('read', () => this.#db.prepare<[], TrustedRow>(selectTrusted).get())
    return row === undefined ? undefined : { atMs: row.at_ms, uptimeMs: row.uptime_ms, bootId: row.boot_id }
  }

  saveTrusted({ atMs, uptimeMs, bootId }: TrustedTime): void {
    const whole = { atMs: Math.round(atMs), uptimeMs: Math.round(uptimeMs), bootId }
    told('written', () => this.#db.prepare(replaceTrusted).run(whole))
  }

  losses(): readonly GovernanceLoss[] {
    const rows = told('read', () => this.#selectLosses.all(lossPrefix))
    return rows.map(({ value, recorded_at_ms }) => ({ atMs: recorded_at_ms, sentence: value }))
  }

  recordLoss(atMs: number, sentence: string): void {
    told('written', () => this.#insertFact.run(`${lossPrefix}${atMs}`, sentence, atMs))
    this.#sync()
  }
}

// Prepared when they are used: every ten minutes, and never on a file from before governance had one of its own.
const selectTrusted = 'select at_ms, uptime_ms, boot_id from trusted_time'
const replaceTrusted = `insert into trusted_time (id, at_ms, uptime_ms, boot_id) values (1, :atMs, :uptimeMs, :bootId)
  on conflict (id) do update set at_ms = :atMs, uptime_ms = :uptimeMs, boot_id = :bootId`

interface TrustedRow {
  readonly at_ms: number
  readonly uptime_ms: number
  readonly boot_id: string
}

interface EvidenceRow {
  readonly id: number
  readonly asset: string
  readonly parameter: string
  readonly old_value: string
  readonly new_value: string
  readonly slot_before: string
  readonly slot_after: string
  readonly comparison: string
  readonly from_at_ms: number
  readonly to_at_ms: number
  readonly made_at_ms: number
}

const Value = z.union([z.number(), z.string()])
const SlotValue = z.union([Value, z.record(z.string(), z.number())])

function toEvidence(row: EvidenceRow): Evidence {
  return {
    id: row.id,
    asset: row.asset,
    parameter: row.parameter,
    oldValue: Value.parse(JSON.parse(row.old_value)),
    newValue: Value.parse(JSON.parse(row.new_value)),
    before: SlotValue.parse(JSON.parse(row.slot_before)),
    after: SlotValue.parse(JSON.parse(row.slot_after)),
    comparison: PairedComparison.parse(JSON.parse(row.comparison)),
    fromMs: row.from_at_ms,
    toMs: row.to_at_ms,
    madeAtMs: row.made_at_ms,
  }
}
