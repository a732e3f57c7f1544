import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { SplitMix64 } from '#core/base/random/rng'
import { minuteMs } from '#core/base/time/units'
import { cutByKind } from '#core/market/minutes/coverage'
import { MinuteBatch } from '#core/market/minutes/minute-batch'
import type { MinuteSeries } from '#core/market/minutes/minute-store'
import { runsLong } from '#tests/support/long-tests'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestClock } from '#tests/support/test-clock'

const cuts = runsLong ? 1_000 : 80
const commits = 60
const seed = BigInt(process.env['VOLCAST_TEST_SEED'] ?? 17)
const series: MinuteSeries = { asset: 'BTC', venue: 'binanceSpot', symbol: 'BTCUSDT' }
// Across midnight, so that commits touch two rows.
const startMs = Date.UTC(2026, 8, 22, 23, 30)
const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')

function open(path: string) {
  const clock = new TestClock()
  const db = openDatabase({ path, migrationsDir, clock })
  return { db, store: new SqliteMinuteStore(db, clock) }
}

function aLog(): { folder: string; path: string } {
  const folder = temporaryFolder()
  const path = join(folder, 'minutes.sqlite')
  open(path).db.close()
  const { db, store } = open(path)
  db.pragma('wal_autocheckpoint = 0')
  for (let commit = 0; commit < commits; commit += 1) {
    const batch = new MinuteBatch()
    batch.setClose(startMs + commit * minuteMs, 100 + commit / 7)
    store.write([{ series, batch, origin: 'recorded' }])
  }
  // The files as a machine without power leaves them: copied while the database is open.
  for (const ending of ['', '-wal']) copyFileSync(path + ending, join(folder, `lost${ending}`))
  db.close()
  return { folder, path: join(folder, 'lost') }
}

/** How many commits are there; each minute of them right, none after, and the file whole. */
function commitsIn(path: string): number {
  const { db, store } = open(path)
  try {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    const slots = store.readSlots(series, startMs, startMs + commits * minuteMs)
    const kinds = cutByKind(slots, startMs).map((span) => span.kind)
    expect([['close', 'unknown'], ['unknown']]).toContainEqual(kinds)
    const present = slots.indexOf(0)
    for (let commit = 0; commit < present; commit += 1) expect(slots[commit]).toBe(100 + commit / 7)
    return present
  } finally {
    db.close()
  }
}

it(`keeps a whole prefix of its commits when the log is cut or damaged at ${cuts} places (seed ${seed})`, () => {
  const { folder, path } = aLog()
  const log = readFileSync(`${path}-wal`)
  const rng = new SplitMix64(seed)
  const copy = join(folder, 'copy')
  const found = new Set<number>()
  for (let i = 0; i < cuts; i += 1) {
    for (const ending of ['-wal', '-shm']) if (existsSync(copy + ending)) rmSync(copy + ending)
    copyFileSync(path, copy)
    const at = Math.floor(rng.next() * log.length)
    writeFileSync(`${copy}-wal`, log)
    if (i % 2 === 0) truncateSync(`${copy}-wal`, at)
    else writeFileSync(`${copy}-wal`, log.with(at, log[at]! ^ (1 + Math.floor(rng.next() * 255))))
    found.add(commitsIn(copy))
  }
  expect(found.size).toBeGreaterThan(10)
})
