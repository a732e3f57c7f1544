import { statSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { startDevMarket, startDevMiner } from '#tests/support/dev-miner'
import { runsLong } from '#tests/support/long-tests'
import { healthOf, measured, preloadOfDelays } from '#tests/support/miner-watch'
import { PromptLoad } from '#tests/support/prompt-load'
import { temporaryFolder } from '#tests/support/temporary-folder'

/** Half a gigabyte took 7.4 s when the answering thread copied it. */
const megabytes = runsLong ? 500 : 60

it(`a reader that holds ${megabytes} MB of log delays no answer, and the log shrinks when it has gone`, {
  timeout: 300_000,
}, async () => {
  const market = await startDevMarket(10)
  const folder = temporaryFolder()
  const dbPath = join(folder, 'miner.sqlite')
  const delays = join(folder, 'delays.json')
  const miner = await startDevMiner(market, dbPath, { extraEnv: preloadOfDelays(delays) })
  const load = new PromptLoad(market)
  const answersFor = async (isOver: () => boolean) => (await load.run(miner.port, 2, () => {}, isOver)).answered.length
  const forMs = (ms: number) => {
    const endMs = performance.now() + ms
    return () => performance.now() > endMs
  }
  await answersFor(forMs(3_000))
  await measured(miner, delays)
  await answersFor(forMs(4_000))
  const free = await measured(miner, delays)

  const reader = new SqliteDatabase(dbPath, { readonly: true })
  reader.exec('begin')
  reader.prepare('select count(*) from predictions').get()
  const writer = new SqliteDatabase(dbPath, { timeout: 10_000 })
  onTestFinished(() => {
    reader.close()
    writer.close()
  })
  writer.pragma('wal_autocheckpoint = 0')
  writer.exec('create table ballast (bytes blob)')
  const insert = writer.prepare('insert into ballast values (zeroblob(1000000))')
  const logBytes = () => statSync(`${dbPath}-wal`).size
  let written = 0
  const beside = answersFor(() => written >= megabytes)
  for (; written < megabytes; written += 1) {
    insert.run()
    await systemClock.sleep(20)
  }
  let answers = await beside
  expect(logBytes()).toBeGreaterThan(megabytes * 1e6)
  reader.exec('commit')
  const giveUpMs = performance.now() + 90_000
  answers += await answersFor(() => logBytes() < 20e6 || performance.now() > giveUpMs)
  const held = await measured(miner, delays)
  console.log(
    `${megabytes} MB of log: ${answers} prompts answered, event loop p99 ${held.p99Ms.toFixed(1)} ms (free: ` +
      `${free.p99Ms.toFixed(1)}), longest ${held.maxMs.toFixed(0)} ms; log ${(logBytes() / 1e6).toFixed(1)} MB in the end`,
  )
  expect(logBytes()).toBeLessThan(20e6)
  expect(held.p99Ms).toBeLessThan(Math.max(50, 2 * free.p99Ms))
  expect((await healthOf(miner)).parts['database']?.state).toBe('ok')
})
