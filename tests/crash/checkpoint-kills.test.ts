import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { dayMs, minuteMs } from '#core/base/time/units'
import { hasStrace } from '#tests/support/kill-plans'
import { runsLong } from '#tests/support/long-tests'
import { temporaryFolder } from '#tests/support/temporary-folder'
import type { ToldLine } from './checkpoint-kills-child-worker.ts'

const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
const child = join(import.meta.dirname, 'checkpoint-kills-child-worker.ts')
const calls = ['pwrite64', 'fsync'] as const

interface Life {
  readonly dbPath: string
  readonly toldWrites: readonly number[]
  readonly isDone: boolean
  readonly trace: string
}

/** Only a checkpoint writes into a file that has a log beside it, so every such call on the file itself is one of it. */
function live(watch: string): Life {
  const folder = temporaryFolder()
  const dbPath = join(folder, 'miner.sqlite')
  openDatabase({ path: dbPath, migrationsDir, clock: systemClock }).close()
  const trace = join(folder, 'trace')
  const node = [process.execPath, '--import', 'tsx', child, dbPath]
  const args = ['-f', '--seccomp-bpf', '-qq', '-o', trace, '-P', dbPath, '-e', watch, ...node]
  const { stdout } = spawnSync('strace', args, { encoding: 'utf8' })
  const lines = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as ToldLine)
  const toldWrites = lines.filter((line) => line !== 'done')
  return { dbPath, toldWrites, isDone: lines.at(-1) === 'done', trace: readFileSync(trace, 'utf8') }
}

function lookInto(dbPath: string, toldWrites: readonly number[]) {
  const db = openDatabase({ path: dbPath, migrationsDir, clock: systemClock })
  try {
    const series = { asset: 'BTC', venue: 'binanceSpot', symbol: 'BTCUSDT' } as const
    const slots = new SqliteMinuteStore(db, systemClock).readSlots(series, 0, 30 * dayMs - minuteMs)
    const isThere = (write: number) =>
      Array.from({ length: 30 }, (_, day) => (day * dayMs) / minuteMs + write).every((slot) => slots[slot] === write)
    const lost = toldWrites.filter((write) => !isThere(write))
    return { integrity: db.pragma('integrity_check', { simple: true }), lost }
  } finally {
    db.close()
  }
}

/** In the long form two hundred; else the first, one in the middle and the last. */
function chosen(count: number): number[] {
  const parts = runsLong ? 200 : 2
  const some = Array.from({ length: parts + 1 }, (_, i) => Math.max(1, Math.round((i * count) / parts)))
  return [...new Set(some)]
}

describe.skipIf(!hasStrace)(`D2: killed within a checkpoint${hasStrace ? '' : ' (skipped: no strace)'}`, () => {
  it('has every write that it was told is on disk', { timeout: 1_800_000 }, () => {
    const untouched = live(`trace=${calls.join()}`)
    expect(untouched.isDone).toBe(true)
    for (const call of calls) {
      const count = untouched.trace.split(`${call}(`).length - 1
      // A checkpoint of 4 MB copies some hundred pages and then syncs the file.
      expect(count).toBeGreaterThan(call === 'fsync' ? 0 : 100)
      let killed = 0
      let told = 0
      for (const nth of chosen(count)) {
        const life = live(`inject=${call}:signal=KILL:when=${nth}`)
        // How the pages fall into calls is not the same each time.
        if (life.isDone) continue
        killed += 1
        told += life.toldWrites.length
        expect(life.toldWrites.length).toBeGreaterThan(10)
        expect(lookInto(life.dbPath, life.toldWrites)).toEqual({ integrity: 'ok', lost: [] })
      }
      expect(killed).toBeGreaterThan(0)
      console.log(`${call}: killed in ${killed} of ${count} calls of a checkpoint, ${told} writes told, 0 lost`)
    }
  })
})
