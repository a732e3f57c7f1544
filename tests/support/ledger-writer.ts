import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { GovernanceCopy } from '#adapters/sqlite/governance-copy'
import { governanceCopyPathOf } from '#adapters/sqlite/governance-path'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { openGovernance } from '#adapters/sqlite/sound-governance'
import type { Clock } from '#core/base/time/clock'
import type { LedgerEntry, NewLedgerEntry } from '#core/tuning/governance/ledger'
import { verifyLedger } from '#core/tuning/governance/verify-ledger'

const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
/** It changes no volatility state. */
const parameter = 'df'

/** An operator who changes a parameter and undoes it, again and again, beside a running miner that takes each step over. */
export class LedgerWriter {
  readonly #path: string
  readonly #clock: Clock
  readonly #written: string[] = []

  constructor(dbPath: string, clock: Clock) {
    this.#path = dbPath
    this.#clock = clock
  }

  /** Of this writer, and of the miner that follows it. */
  entries = 0

  write(): void {
    const { db, copy } = this.#open()
    try {
      const ledger = new SqliteLedgerStore(db, copy)
      const added = ledger.append((entries) => [nextStep(entries, this.#clock.nowMs())])
      this.#written.push(...added.map(toText))
      expect(copy.problem).toBeUndefined()
    } finally {
      db.close()
    }
  }

  /** That no entry is lost, neither of the file nor of the copy beside it, and that the chain of hashes is whole. */
  check(): void {
    const { db, copy } = this.#open()
    try {
      const ledger = new SqliteLedgerStore(db, copy)
      expect(verifyLedger(ledger, sha256)).toMatchObject({ isSound: true, problems: [] })
      const entries = ledger.read()
      const stored = new Set(entries.map(toText))
      expect(this.#written.filter((text) => !stored.has(text))).toEqual([])
      expect(entries.length).toBeGreaterThanOrEqual(this.entries)
      this.entries = entries.length
      const copied = new GovernanceCopy(governanceCopyPathOf(this.#path)).read()
      const behind = entries.length - copied.rows.ledger.length
      // An entry is copied after it is committed: a kill between the two leaves one to the next start.
      expect(behind).toBeLessThanOrEqual(1)
    } finally {
      db.close()
    }
  }

  #open() {
    return openGovernance({ path: this.#path, migrationsDir, clock: systemClock })
  }
}

function nextStep(entries: readonly LedgerEntry[], nowMs: number): NewLedgerEntry {
  const open = entries.findLast(({ kind }) => kind === 'proposed' || kind === 'verdict')
  const atMs = Math.max(nowMs, entries.at(-1)?.atMs ?? 0)
  if (open?.kind === 'proposed') {
    return {
      ...{ kind: 'verdict', asset: open.asset, changeId: open.changeId, atMs },
      body: {
        ...{ decision: 'reverted', assessment: 'unknown', comparison: null, by: 'operator', reason: 'a test' },
        effectiveAtMs: atMs,
      },
    }
  }
  const changeId = entries.filter(({ kind }) => kind === 'proposed').length + 1
  return {
    ...{ kind: 'proposed', asset: 'BTC', changeId, atMs },
    body: {
      ...{ parameter, oldValue: 5, newValue: 6, before: 5, after: 6 },
      ...{ reason: 'a test', by: 'operator', isForced: true, evidence: null, effectiveAtMs: atMs },
    },
  }
}

function toText({ id, kind, changeId, atMs, body }: LedgerEntry): string {
  return JSON.stringify({ id, kind, changeId, atMs, body })
}
