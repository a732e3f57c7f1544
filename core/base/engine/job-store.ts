import type { JsonValue } from '../json/strict-json.ts'
import type { Job } from './job.ts'

/** The table of jobs, shared by all processes that work on them. Each call is one atomic step. */
export interface JobStore {
  /** Adds new jobs. Failed jobs, and with `again` done ones, wait once more. A running job is not touched. */
  submit(jobs: readonly Job[], options: { readonly nowMs: number; readonly again: boolean }): void
  /** Takes the job if it waits, if its lease has ended, or if `goneOwner` holds it. */
  claim(key: string, lease: Lease & { readonly nowMs: number; readonly goneOwner?: string }): ClaimAnswer
  /** Prolongs every lease of the owner. */
  renew(lease: Lease, nowMs: number): void
  /** False: the owner no longer has the job. */
  complete(key: string, owner: string, result: JsonValue, nowMs: number): boolean
  /** Back to waiting, so that it is tried again. */
  release(key: string, owner: string, reason: string, nowMs: number): boolean
  fail(key: string, owner: string, reason: string, nowMs: number): boolean
  /** Removes jobs that nobody has touched since; returns how many. */
  forget(untouchedSinceMs: number): number
}

export interface Lease {
  readonly owner: string
  readonly untilMs: number
}

export type ClaimAnswer =
  /** `attempts` includes this one. */
  | { readonly kind: 'claimed'; readonly attempts: number }
  | { readonly kind: 'held'; readonly owner: string; readonly untilMs: number }
  | { readonly kind: 'done'; readonly result: JsonValue }
  | { readonly kind: 'failed'; readonly reason: string; readonly attempts: number }
  /** Not submitted, or removed since. */
  | { readonly kind: 'unknown' }
