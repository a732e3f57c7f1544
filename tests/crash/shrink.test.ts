import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { expect, it } from 'vitest'
import { hasStrace } from '#tests/support/kill-plans'
import { runsLong } from '#tests/support/long-tests'
import { dumpRows, makeOldDatabase, newestVersion } from '#tests/support/old-database'
import { runProgram } from '#tests/support/programs'
import { temporaryFolder } from '#tests/support/temporary-folder'

const compiled = join(import.meta.dirname, '..', '..', 'dist', 'adapters', 'sqlite', 'shrink.js')
const calls = ['pwrite64', 'fsync', 'fdatasync', 'ftruncate', 'unlink'] as const
const dbIn = (folder: string): string => join(folder, 'data', 'miner.sqlite')

/** A database of an older release that has lost most of its rows, with part of the rest in the log of a killed miner. */
function aRoomyFolder(): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'data'))
  makeOldDatabase(dbIn(folder), newestVersion)
  const db = new SqliteDatabase(dbIn(folder))
  db.pragma('auto_vacuum = none')
  db.exec('vacuum')
  const insert = db.prepare('insert into minute_days values (1, ?, randomblob(11520))')
  db.transaction(() => {
    for (let day = 1_000; day < 1_200; day += 1) insert.run(day)
  })()
  db.exec('delete from minute_days where day >= 1000 and day % 4 > 0')
  db.pragma('wal_checkpoint(truncate)')
  insert.run(2_000)
  cpSync(join(folder, 'data'), join(folder, 'killed'), { recursive: true })
  db.close()
  const killed = temporaryFolder()
  cpSync(join(folder, 'killed'), join(killed, 'data'), { recursive: true })
  return killed
}

/** The lock stays: it is free as soon as its holder has ended, however it ended. */
function filesIn(folder: string): string[] {
  const names = readdirSync(join(folder, 'data'))
  return names.filter((name) => name !== 'miner.sqlite.lock').sort()
}

function copyOf(folder: string): string {
  const copy = temporaryFolder()
  cpSync(folder, copy, { recursive: true })
  return copy
}

/** What `miner shrink` does, compiled, in a process of its own, under strace if there is something to trace. */
function shrink(folder: string, traced: readonly string[] = []) {
  const script = `const { shrink } = await import(${JSON.stringify(compiled)}); shrink(${JSON.stringify(dbIn(folder))})`
  const own = [process.execPath, '--input-type=module', '-e', script]
  const [command, ...args] = traced.length > 0 ? ['strace', '-f', '--seccomp-bpf', '-qq', ...traced, ...own] : own
  const { status, signal, stderr } = spawnSync(command!, args, { cwd: folder, encoding: 'utf8' })
  return { isKilled: signal === 'SIGKILL', status, stderr }
}

/** Its calls on one file, in their order. */
function callsOn(folder: string, file: string): string[] {
  const trace = join(temporaryFolder(), 'trace')
  shrink(folder, ['-o', trace, '-P', file, '-e', `trace=${calls.join(',')}`])
  const known = new RegExp(`\\b(${calls.join('|')})\\(`)
  return readFileSync(trace, 'utf8')
    .split('\n')
    .flatMap((line) => known.exec(line)?.[1] ?? [])
}

/** The first, and of writes a middle and the last; in the long form twelve of each. */
function chosen(call: string, count: number): number[] {
  const few = call === 'pwrite64' ? [0, 0.5, 1] : [0]
  const shares = runsLong ? Array.from({ length: 12 }, (_, i) => i / 11) : few
  return [...new Set(shares.map((share) => 1 + Math.round(share * (count - 1))))]
}

function soundness(path: string): unknown {
  const db = new SqliteDatabase(path)
  try {
    return db.pragma('integrity_check', { simple: true })
  } finally {
    db.close()
  }
}

it.skipIf(!hasStrace)(
  'miner shrink, killed at chosen calls, leaves the database as it was or small, and the next run leaves nothing over',
  { timeout: runsLong ? 900_000 : 400_000 },
  () => {
    const roomy = aRoomyFolder()
    const rows = dumpRows(dbIn(copyOf(roomy)))
    const done = copyOf(roomy)
    expect(runProgram('miner', ['shrink'], { cwd: done })).toMatchObject({ exitCode: 0, stderr: '' })
    const small = statSync(dbIn(done)).size
    expect(small).toBeLessThan(0.5 * statSync(dbIn(roomy)).size)
    const left = filesIn(done)

    let killed = 0
    for (const end of ['', '-wal']) {
      const traced = copyOf(roomy)
      const made = callsOn(traced, `${dbIn(traced)}${end}`)
      for (const call of new Set(made)) {
        for (const nth of chosen(call, made.filter((name) => name === call).length)) {
          const folder = copyOf(roomy)
          const what = `${call} ${nth} on miner.sqlite${end}`
          const inject = `inject=${call}:signal=KILL:when=${nth}`
          const run = shrink(folder, ['-o', '/dev/null', '-P', `${dbIn(folder)}${end}`, '-e', inject])
          expect({ what, isKilled: run.isKilled }).toEqual({ what, isKilled: true })
          killed += 1
          const looked = copyOf(folder)
          expect({ what, rows: dumpRows(dbIn(looked)) }).toEqual({ what, rows })
          expect({ what, soundness: soundness(dbIn(looked)) }).toEqual({ what, soundness: 'ok' })
          expect(shrink(folder)).toMatchObject({ status: 0, stderr: '' })
          const after = { left: filesIn(folder), size: statSync(dbIn(folder)).size }
          expect({ what, ...after }).toEqual({ what, left, size: small })
          expect(dumpRows(dbIn(folder))).toEqual(rows)
        }
      }
    }
    // Writes to the log and, when that is copied, to the file.
    expect(killed).toBeGreaterThanOrEqual(6)
  },
)
