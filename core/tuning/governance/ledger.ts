import type { LedgerEvent } from './ledger-events.ts'

/**
 * The record of every change. It is append-only, each entry carries the hash of the previous one, and the entries
 * together give the present state (`governance-state.ts`).
 */
export interface Ledger {
  /** Cheap: the daemon asks this each minute. */
  head(): LedgerHead
  read(): readonly LedgerEntry[]
  /**
   * Runs `decide` on the newest entries while nobody else can write, and adds what it returns. A throw adds nothing.
   */
  append(decide: (entries: readonly LedgerEntry[]) => readonly NewLedgerEntry[]): readonly LedgerEntry[]
}

/** The ledger of a thread that must not wait for others: it reads, and appends behind what it has read. */
export interface FollowedLedger extends Pick<Ledger, 'head' | 'read'> {
  /** Undefined: the head is another by now, and nothing was written. */
  appendAfter(
    headId: number,
    entries: readonly NewLedgerEntry[],
  ): readonly LedgerEntry[] | undefined | Promise<readonly LedgerEntry[] | undefined>
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

/** An entry in stored form, for a check. */
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

/** What a check of the ledger reads. */
export interface LedgerRows {
  readRows(): readonly LedgerRow[]
  /** The table behind the rule of one open change per asset. */
  readOpenChanges(): readonly { readonly asset: string; readonly changeId: number }[]
}

/** The text whose SHA-256 an entry carries. No part before the body can contain a line break. */
export function ledgerText(row: Omit<LedgerRow, 'hash'>): string {
  return [row.previousHash, row.id, row.kind, row.asset, row.changeId, row.atMs, row.body].join('\n')
}
