import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteJournalReader } from '#adapters/sqlite/prediction-reader'
import { runsLong } from '#tests/support/long-tests'
import { pathTools } from '#tests/support/served-prediction'
import { temporaryFolder } from '#tests/support/temporary-folder'
import type { FaultLine } from './store-faults-child-worker.ts'

const hasStrace = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0
const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
const open = (folder: string) => openDatabase({ path: join(folder, 'miner.sqlite'), migrationsDir, clock: systemClock })

/** Runs the child with the nth call of this name on the database's files failing; without a fault, counts the calls. */
function run(call: string, fault: { readonly error: string; readonly nth: number } | undefined) {
  const folder = temporaryFolder()
  open(folder).close()
  const files = ['', '-wal', '-shm'].flatMap((ending) => ['-P', join(folder, `miner.sqlite${ending}`)])
  const inject = fault === undefined ? [] : ['-e', `inject=${call}:error=${fault.error}:when=${fault.nth}`]
  const trace = join(folder, 'trace')
  const child = join(import.meta.dirname, 'store-faults-child-worker.ts')
  const node = [process.execPath, '--import', 'tsx', child, folder]
  const args = ['-f', '--seccomp-bpf', '-qq', '-o', trace, ...files, '-e', `trace=${call}`, ...inject, ...node]
  const { stdout } = spawnSync('strace', args, { encoding: 'utf8' })
  const lines = stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
  const isDone = lines.at(-1) === 'done'
  const told = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as FaultLine)
  const calls = spawnSync('grep', ['-c', `${call}(`, trace], { encoding: 'utf8' })
  const hits = spawnSync('grep', ['-c', 'INJECTED', trace], { encoding: 'utf8' })
  return { folder, told, isDone, calls: Number(calls.stdout), hits: Number(hits.stdout) }
}

function recordsIn(folder: string) {
  const db = open(folder)
  try {
    const reader = new SqliteJournalReader(db, pathTools)
    const readable = reader.list({}).filter(({ id }) => reader.readPaths(id).ok)
    return { integrity: db.pragma('integrity_check', { simple: true }), ids: new Set(readable.map(({ id }) => id)) }
  } finally {
    db.close()
  }
}

/** All of them in the long form; else the first and ever fewer after. */
function* choose(count: number): Generator<number> {
  for (let nth = 1, step = 1; nth <= count; nth += step, step = runsLong ? 1 : Math.ceil(step * 1.7)) yield nth
}

const faults = [
  { call: 'pwrite64', error: 'ENOSPC' },
  { call: 'pwrite64', error: 'EIO' },
  { call: 'fsync', error: 'EIO' },
  { call: 'openat', error: 'EIO' },
] as const

describe.skipIf(!hasStrace)(`a system call that fails${hasStrace ? '' : ' (skipped: no strace)'}`, () => {
  it.each(faults)('loses nothing in silence: $call with $error', { timeout: 900_000 }, ({ call, error }) => {
    const untouched = run(call, undefined)
    expect([untouched.isDone, untouched.told.map(({ kind }) => kind)]).toEqual([true, Array(6).fill('committed')])
    let unpersisted = 0
    let tries = 0
    for (const nth of choose(untouched.calls)) {
      const { folder, told, isDone, hits } = run(call, { error, nth })
      expect(hits).toBe(1)
      tries += 1
      const { integrity, ids } = recordsIn(folder)
      expect(integrity).toBe('ok')
      for (const { id, kind } of told) if (kind === 'committed') expect(ids).toContain(id)
      unpersisted += told.filter(({ kind }) => kind === 'unpersisted').length
      // One fault only: what it hit is written late.
      expect([isDone, told.length, ids.size]).toEqual([true, 6, 6])
    }
    console.log(
      `${call} ${error}: ${tries} of ${untouched.calls} calls failed in turn; ` +
        `${unpersisted} predictions reported as not kept in time, all of them written late, 0 lost`,
    )
    expect(unpersisted).toBeGreaterThan(0)
  })
})
