import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { connectDatabase, openDatabase } from '#adapters/sqlite/database'
import { SqlitePredictionChain } from '#adapters/sqlite/prediction-chain'
import { SqliteJournalReader } from '#adapters/sqlite/prediction-reader'
import { SqlitePredictionStore } from '#adapters/sqlite/prediction-store'
import { preparePrices } from '#adapters/sqlite/prices-blob'
import { openSoundDatabase } from '#adapters/sqlite/sound-database'
import { SplitMix64 } from '#core/base/random/rng'
import type { PreparedPrediction } from '#core/forecast/journal/journal-store'
import { verifyChain } from '#core/forecast/journal/prediction-chain'
import { predictionId } from '#core/forecast/journal/prediction-id'
import { runsLong } from '#tests/support/long-tests'
import { aServed, pathTools, sha256 } from '#tests/support/served-prediction'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestClock } from '#tests/support/test-clock'
import { WatchedLogger } from '#tests/support/watched-logger'

const damages = runsLong ? 2_000 : 200
const commits = 25
const seed = BigInt(process.env['VOLCAST_TEST_SEED'] ?? 19)
const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
const clock = new TestClock()

const predictions: readonly PreparedPrediction[] = Array.from({ length: commits }, (_, i) => {
  const { served, outputJson } = aServed({ seed: BigInt(i + 1) })
  const preparation = preparePrices(outputJson, served.outputHash)
  if (!preparation.ok) throw new Error(preparation.reason)
  const id = predictionId(served.prompt, served.outputHash)
  return { record: { ...served, id, reason: 'all' }, prices: preparation.prices }
})

/** The files as a machine without power leaves them: copied while the database is open, every commit in its log. */
function lostFiles(): { readonly folder: string; readonly path: string } {
  const folder = temporaryFolder()
  const path = join(folder, 'miner.sqlite')
  openDatabase({ path, migrationsDir, clock }).close()
  const db = connectDatabase({ path })
  db.pragma('wal_autocheckpoint = 0')
  const store = new SqlitePredictionStore(db, clock)
  for (const prediction of predictions) store.write([prediction], 0)
  for (const ending of ['', '-wal']) copyFileSync(path + ending, join(folder, `lost${ending}`))
  store.close()
  return { folder, path: join(folder, 'lost') }
}

/** How many commits are there: the first ones and no others, each whole. */
function commitsIn(path: string): number {
  const log = new WatchedLogger()
  const db = openSoundDatabase({ path, migrationsDir, clock, log })
  try {
    // A torn log is no damage: the commits before it are the database.
    expect(log.events()).toEqual([])
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    const { problems } = verifyChain(SqlitePredictionChain.find(db)!, (text) => sha256(Buffer.from(text)))
    expect(problems).toEqual([])
    const reader = new SqliteJournalReader(db, pathTools)
    const found = predictions.findIndex(({ record }) => reader.find(record.id) === undefined)
    const count = found < 0 ? commits : found
    const origins = predictions.map(({ record }) => {
      const reading = reader.readPaths(record.id)
      return reading.ok ? reading.origin : reading.reason
    })
    expect(origins).toEqual(predictions.map((_, i) => (i < count ? 'blob' : 'missing')))
    return count
  } finally {
    db.close()
  }
}

it(`keeps a whole prefix of its commits when the log is cut or damaged at ${damages} places (seed ${seed})`, {
  timeout: 60_000 + damages * 500,
}, () => {
  const { folder, path } = lostFiles()
  const log = readFileSync(`${path}-wal`)
  const rng = new SplitMix64(seed)
  const copy = join(folder, 'copy')
  const found = new Set<number>()
  for (let i = 0; i < damages; i += 1) {
    for (const ending of ['-wal', '-shm']) if (existsSync(copy + ending)) rmSync(copy + ending)
    copyFileSync(path, copy)
    const at = Math.floor(rng.next() * log.length)
    writeFileSync(`${copy}-wal`, log)
    if (i % 2 === 0) truncateSync(`${copy}-wal`, at)
    else writeFileSync(`${copy}-wal`, log.with(at, log[at]! ^ (1 + Math.floor(rng.next() * 255))))
    found.add(commitsIn(copy))
  }
  expect(found.size).toBeGreaterThan(commits / 2)
})
