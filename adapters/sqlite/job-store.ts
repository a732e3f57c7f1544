import type { Statement } from 'better-sqlite3'
import type { Job } from '#core/base/engine/job'
import type { ClaimAnswer, JobStore, Lease } from '#core/base/engine/job-store'
import { StoreError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import { canonicalJson } from '#core/base/json/canonical-json'
import type { JsonValue } from '#core/base/json/strict-json'
import type { Database } from './database.ts'

interface StateRow {
  readonly state: 'waiting' | 'running' | 'done' | 'failed'
  readonly attempts: number
  readonly owner: string | null
  readonly lease_until_at_ms: number | null
  readonly reason: string | null
  readonly result: string | null
}

export class SqliteJobStore implements JobStore {
  readonly #insert: Statement
  readonly #reopen: Statement
  readonly #take: Statement<[Record<string, unknown>], { attempts: number }>
  readonly #select: Statement<[string], StateRow>
  readonly #renew: Statement
  readonly #settle: Statement
  readonly #forget: Statement<[number]>
  readonly #submitAll: (jobs: readonly Job[], nowMs: number, again: boolean) => void

  constructor(db: Database) {
    this.#insert = db.prepare(
      `insert into jobs (key, kind, input, needs, state, created_at_ms, touched_at_ms)
       values (:key, :kind, :input, :needs, 'waiting', :nowMs, :nowMs)
       on conflict (key) do nothing`,
    )
    this.#reopen = db.prepare(
      `update jobs set state = 'waiting', attempts = 0, result = null, touched_at_ms = :nowMs
        where key = :key and (state = 'failed' or (state = 'done' and :again = 1))`,
    )
    this.#take = db.prepare(
      `update jobs set state = 'running', owner = :owner, lease_until_at_ms = :untilMs, attempts = attempts + 1,
                       touched_at_ms = :nowMs
        where key = :key
          and (state = 'waiting' or (state = 'running' and (lease_until_at_ms <= :nowMs or owner = :goneOwner)))
       returning attempts`,
    )
    this.#select = db.prepare(
      'select state, attempts, owner, lease_until_at_ms, reason, result from jobs where key = ?',
    )
    this.#renew = db.prepare(
      `update jobs set lease_until_at_ms = :untilMs, touched_at_ms = :nowMs where owner = :owner and state = 'running'`,
    )
    this.#settle = db.prepare(
      `update jobs set state = :state, owner = null, lease_until_at_ms = null, result = :result, reason = :reason,
                       touched_at_ms = :nowMs
        where key = :key and owner = :owner and state = 'running'`,
    )
    this.#forget = db.prepare(`delete from jobs where touched_at_ms < ? and state <> 'running'`)
    this.#submitAll = db.transaction((jobs: readonly Job[], nowMs: number, again: boolean) => {
      for (const job of jobs) {
        const { key, kind } = job
        const row = { key, kind, input: canonicalJson(job.input), needs: JSON.stringify(job.needs), nowMs }
        if (this.#insert.run(row).changes === 0) this.#reopen.run({ key, nowMs, again: again ? 1 : 0 })
      }
    }).immediate
  }

  submit(jobs: readonly Job[], { nowMs, again }: { readonly nowMs: number; readonly again: boolean }): void {
    guard(() => this.#submitAll(jobs, nowMs, again))
  }

  claim(key: string, lease: Lease & { readonly nowMs: number; readonly goneOwner?: string }): ClaimAnswer {
    const { owner, untilMs, nowMs, goneOwner = null } = lease
    const taken = guard(() => this.#take.get({ key, owner, untilMs, nowMs, goneOwner }))
    if (taken !== undefined) return { kind: 'claimed', attempts: taken.attempts }
    const row = guard(() => this.#select.get(key))
    // Waiting, but not ours a moment ago: another process gave it back in between, so the next try gets it.
    if (row === undefined || row.state === 'waiting') return { kind: 'unknown' }
    if (row.state === 'done') return { kind: 'done', result: JSON.parse(row.result ?? 'null') as JsonValue }
    if (row.state === 'failed') return { kind: 'failed', reason: row.reason ?? '', attempts: row.attempts }
    return { kind: 'held', owner: row.owner ?? '', untilMs: row.lease_until_at_ms ?? 0 }
  }

  renew({ owner, untilMs }: Lease, nowMs: number): void {
    guard(() => this.#renew.run({ owner, untilMs, nowMs }))
  }

  complete(key: string, owner: string, result: JsonValue, nowMs: number): boolean {
    const row = { key, owner, state: 'done', result: JSON.stringify(result), reason: null, nowMs }
    return guard(() => this.#settle.run(row).changes === 1)
  }

  release(key: string, owner: string, reason: string, nowMs: number): boolean {
    return guard(() => this.#settle.run({ key, owner, state: 'waiting', result: null, reason, nowMs }).changes === 1)
  }

  fail(key: string, owner: string, reason: string, nowMs: number): boolean {
    return guard(() => this.#settle.run({ key, owner, state: 'failed', result: null, reason, nowMs }).changes === 1)
  }

  forget(untouchedSinceMs: number): number {
    return guard(() => this.#forget.run(untouchedSinceMs).changes)
  }
}

function guard<T>(step: () => T): T {
  try {
    return step()
  } catch (cause) {
    const message = messageOf(cause)
    throw new StoreError('JOBS_STORE_FAILED', `The table of jobs cannot be used: ${message}.`, { cause })
  }
}
