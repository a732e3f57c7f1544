import type { LedgerEvent } from './ledger-events.ts'

/**
 * The truth about every change: entries are only ever added, each carries the hash of the one before, and what holds
 * now is what they add up to (`governance-state.ts`).
 */
export interface Ledger {
  /** Cheap: what the daemon asks each minute. */
  head(): LedgerHead
  read(): readonly LedgerEntry[]
  /**
   * Runs `decide` on the newest entries while nobody else can write, and adds what it returns. A throw adds nothing.
   */
  append(decide: (entries: readonly LedgerEntry[]) => readonly NewLedgerEntry[]): readonly LedgerEntry[]
}

export interface LedgerHead {
  /** 0 while nothing is written. */
  readonly id: number
  readonly hash: string
}

export type NewLedgerEntry = LedgerEvent & {
  readonly asset: string
  readonly changeId: number
  readonly atMs: number
}

export type LedgerEntry = NewLedgerEntry & { readonly id: number }

/** An entry as it is stored, for those who check it. */
export interface LedgerRow {
  readonly id: number
  readonly kind: string
  readonly asset: string
  readonly changeId: number
  readonly atMs: number
  readonly body: string
  readonly previousHash: string
  readonly hash: string
}

/** What a check of the ledger looks at. */
export interface LedgerRows {
  readRows(): readonly LedgerRow[]
  /** The table behind the rule of one open change an asset. */
  readOpenChanges(): readonly { readonly asset: string; readonly changeId: number }[]
}

export const hashBeforeFirst = '0'.repeat(64)

/** The text whose SHA-256 an entry carries. No part before the body can hold a line break. */
export function ledgerText(row: Omit<LedgerRow, 'hash'>): string {
  return [row.previousHash, row.id, row.kind, row.asset, row.changeId, row.atMs, row.body].join('\n')
}
