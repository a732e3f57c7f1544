import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { governanceCopyPathOf, governancePathOf } from '#adapters/sqlite/governance-path'
import { noncePathOf } from '#adapters/sqlite/nonce-path'
import type { Rng } from '#core/base/random/rng'

export const hasStrace = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0

/** Where a life of the miner ends. */
export interface KillPlan {
  readonly kind: 'random' | 'write' | 'fsync' | 'rename' | 'checkpoint' | 'migration'
  /** The command that starts it, so that it dies in a system call; none for a kill from outside. */
  readonly under: readonly string[]
}

const migration = { version: 120, name: 'nonces_moved' }
const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')

/** Half of them at any moment, the others in the nth system call of a kind. `n` is mostly small: a start is short. */
export function choosePlan(rng: Rng, dbPath: string): KillPlan {
  if (!hasStrace || rng.next() < 0.5) return { kind: 'random', under: [] }
  const upTo = (most: number) => Math.floor(most ** rng.next())
  const main = [dbPath, noncePathOf(dbPath), governancePathOf(dbPath)]
  const copy = governanceCopyPathOf(dbPath)
  const all = main.flatMap((path) => [path, `${path}-wal`, `${path}-journal`])
  const upgraded = [dbPath, `${dbPath}-wal`, `${dbPath}.before-0${migration.version}.part`]
  const plans = [
    () => (rng.next() < 0.8 ? dieIn('write', 'pwrite64', upTo(1_500), all) : dieIn('write', 'write', 1, [copy])),
    () => dieIn('fsync', 'fsync', upTo(80), []),
    () => (rng.next() < 0.5 ? dieIn('rename', 'rename', 1, []) : dieIn('rename', 'unlink', upTo(3), [])),
    // With a log only a checkpoint writes into the file itself.
    () => dieIn('checkpoint', 'pwrite64', upTo(1_500), main),
    () =>
      rng.next() < 0.7
        ? dieIn('migration', 'pwrite64', upTo(200), upgraded)
        : dieIn('migration', 'fsync', upTo(9), upgraded),
  ]
  const plan = plans[Math.floor(rng.next() * plans.length)]!()
  if (plan.kind === 'migration') undoLastMigration(dbPath)
  return plan
}

function dieIn(kind: KillPlan['kind'], call: string, nth: number, files: readonly string[]): KillPlan {
  const inject = `inject=${call}:signal=KILL:when=${nth}`
  const options = ['-D', '-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', ...files.flatMap((file) => ['-P', file])]
  return { kind, under: ['strace', ...options, '-e', inject] }
}

/** As the release before left the file: its tables of nonces are there, and empty. */
function undoLastMigration(dbPath: string): void {
  const db = new SqliteDatabase(dbPath)
  try {
    if (db.prepare('select 1 from schema_migrations where version = ?').get(migration.version) === undefined) return
    db.transaction(() => {
      db.exec(readFileSync(join(migrationsDir, '0010_nonces.sql'), 'utf8'))
      db.prepare('delete from schema_migrations where version = ?').run(migration.version)
    })()
  } finally {
    db.close()
  }
}
