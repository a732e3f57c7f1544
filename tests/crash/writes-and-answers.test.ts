import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { type DevMiner, startDevMarket, startDevMiner } from '#tests/support/dev-miner'
import { countRecorded, idOf } from '#tests/support/left-behind'
import { runsLong } from '#tests/support/long-tests'
import { healthOf, measured, preloadOfDelays, until } from '#tests/support/miner-watch'
import { type Answered, PromptLoad } from '#tests/support/prompt-load'
import { codeOf, RawConnection, requestText } from '#tests/support/raw-http'
import { aSmallDisk, canMountDisks } from '#tests/support/small-disk'
import { temporaryFolder } from '#tests/support/temporary-folder'

/** A minute every six seconds. */
const speed = 10
const lanes = 2
/** A caller's clock that is ahead by more than a restart takes here, fifteen real seconds, and the window that takes it. */
const aheadMs = speed * 15_000
const nonceAheadMs = speed * 16_000

const skipped = canMountDisks ? '' : ' (skipped: no user namespaces)'

it.skipIf(!canMountDisks)(
  `a full disk: every prompt is answered, health says why, records follow, and nothing is taken twice${skipped}`,
  { timeout: 240_000 },
  async () => {
    const market = await startDevMarket(speed)
    const disk = await aSmallDisk(128)
    const dbPath = join(disk.folder, 'miner.sqlite')
    const start = () =>
      startDevMiner(market, dbPath, { inNamespaceOf: disk.pid, settings: { 'auth.nonceAheadMs': nonceAheadMs } })
    let miner = await start()
    const saysNear = () => existsSync(join(disk.outside, 'miner-nonces.near'))
    const load = new PromptLoad(market)
    const atWork = await answersFor(load, miner, 1_000)
    await until(async () => (await healthOf(miner)).parts['minutes']?.state === 'ok')

    disk.fill()
    const whileFull = await allAnsweredFor(load, miner, runsLong ? 30_000 : 9_000)
    expect(whileFull.length).toBeGreaterThan(10)
    await until(async () => {
      const { state, parts } = await healthOf(miner)
      const told = ['nonces', 'journal', 'database'].map((name) => parts[name]!)
      return state === 'degraded' && told.every((part) => part.state === 'degraded' && /full/.test(part.sentence))
    })

    disk.empty()
    await until(async () => {
      const { parts } = await healthOf(miner)
      return ['nonces', 'journal', 'database', 'volatility'].every((name) => parts[name]!.state === 'ok')
    })
    const ids = new Set([...atWork, ...whileFull].map(({ prompt, outputHash }) => idOf(prompt, outputHash)))
    await until(async () => countOnDisk(disk.outside, ids) === ids.size)

    disk.fill()
    const last = (await answersFor(load, miner, 3_000)).at(-1)!
    const { clock } = market
    const ahead = new PromptLoad({ clock: { ...clock, nowMs: () => clock.nowMs() + aheadMs } })
    expect(saysNear()).toBe(true)
    const lastAhead = (await answersFor(ahead, miner, 500)).at(-1)!
    // Whatever a restart takes here, the next start knows how far ahead an answered nonce may be.
    expect(saysNear()).toBe(false)
    miner.child.kill('SIGKILL')
    await miner.ended
    disk.empty()
    miner = await start()
    for (const answered of [last, lastAhead]) {
      expect(['nonce_from_before', 'nonce_replayed']).toContain(await sendAgain(miner.port, answered))
    }
    expect((await answersFor(load, miner, 1_000)).length).toBeGreaterThan(0)
    console.log(`${whileFull.length} prompts answered on a full disk, ${ids.size} records in the end`)
  },
)

it.skipIf(!canMountDisks).each(['a first start', 'a start after an orderly end'])(
  `%s on a full disk: prompts are answered, health says why, and all is written when there is room${skipped}`,
  { timeout: 240_000 },
  async (which) => {
    const market = await startDevMarket(speed)
    const disk = await aSmallDisk(64)
    const dbPath = join(disk.folder, 'data', 'miner.sqlite')
    const start = () => startDevMiner(market, dbPath, { inNamespaceOf: disk.pid })
    const load = new PromptLoad(market)
    const answered: Answered[] = []
    if (which !== 'a first start') {
      const before = await start()
      answered.push(...(await answersFor(load, before, 1_000)))
      before.child.kill('SIGTERM')
      expect(await before.ended).toBe(0)
    }
    disk.fill()
    const miner = await start()
    answered.push(...(await answersFor(load, miner, 1_000)))
    const whileFull = await allAnsweredFor(load, miner, 6_000)
    expect(whileFull.length).toBeGreaterThan(5)
    answered.push(...whileFull)
    expect((await healthOf(miner)).parts['database']).toMatchObject({
      state: 'degraded',
      sentence: expect.stringContaining('full at the start') as string,
    })

    disk.empty()
    await until(async () => {
      const { parts } = await healthOf(miner)
      return ['nonces', 'journal', 'database', 'volatility'].every((name) => parts[name]!.state === 'ok')
    })
    const ids = new Set(answered.map(({ prompt, outputHash }) => idOf(prompt, outputHash)))
    await until(async () => countOnDisk(join(disk.outside, 'data'), ids) === ids.size)
    // By the thread that writes, at the next minute.
    const ledgerCopy = join(disk.outside, 'data', 'miner-governance.jsonl')
    await until(async () => existsSync(ledgerCopy) && readFileSync(ledgerCopy, 'utf8').includes('miner_start_date'))
    expect(miner.complaints.filter(({ event }) => event === 'database.not_read')).toEqual([])
    await allAnsweredFor(load, miner, 1_000)
    console.log(`${which}: ${whileFull.length} prompts answered on a full disk, ${ids.size} records in the end`)
  },
)

const lockMs = runsLong ? 14_000 : 6_000
const allFiles = ['miner.sqlite', 'miner-nonces.sqlite', 'miner-governance.sqlite']

it.each([{ files: allFiles }, ...(runsLong ? allFiles.map((file) => ({ files: [file] })) : [])])(
  'a lock of another process: every prompt is answered and the event loop stays free ($files)',
  { timeout: 240_000 },
  async ({ files }) => {
    const market = await startDevMarket(speed)
    const folder = temporaryFolder()
    const delays = join(folder, 'delays.json')
    const miner = await startDevMiner(market, join(folder, 'miner.sqlite'), {
      extraEnv: preloadOfDelays(delays),
    })
    const load = new PromptLoad(market)
    await answersFor(load, miner, 3_000)
    await measured(miner, delays)
    const free = await allAnsweredFor(load, miner, 5_000)
    const before = await measured(miner, delays)

    const others = files.map((file) => new SqliteDatabase(join(folder, file)))
    for (const other of others) other.exec('begin immediate')
    onTestFinished(() => {
      for (const other of others) other.close()
    })
    const whileLocked = await allAnsweredFor(load, miner, lockMs)
    const during = await measured(miner, delays)
    for (const other of others) other.exec('commit')
    console.log(
      `${files.join(', ')} locked for ${lockMs} ms: ${whileLocked.length} prompts answered; event loop p99 ` +
        `${during.p99Ms.toFixed(1)} ms (free: ${before.p99Ms.toFixed(1)}), longest ${during.maxMs.toFixed(0)} ms`,
    )
    expect(free.length).toBeGreaterThan(0)
    expect(whileLocked.length).toBeGreaterThan(5)
    // A machine that is busy with other things delays it without any lock.
    expect(during.p99Ms).toBeLessThan(Math.max(50, 2 * before.p99Ms))
    await until(async () => {
      const { parts } = await healthOf(miner)
      return ['nonces', 'journal', 'database'].every((name) => parts[name]!.state === 'ok')
    })
    const ids = new Set([...free, ...whileLocked].map(({ prompt, outputHash }) => idOf(prompt, outputHash)))
    await until(async () => countRecorded(join(folder, 'miner.sqlite'), ids) === ids.size)
  },
)

it('starts and answers while another process holds all files', { timeout: 240_000 }, async () => {
  const market = await startDevMarket(speed)
  const folder = temporaryFolder()
  const dbPath = join(folder, 'miner.sqlite')
  const first = await startDevMiner(market, dbPath)
  first.child.kill('SIGKILL')
  await first.ended
  const others = allFiles.map((file) => new SqliteDatabase(join(folder, file)))
  for (const other of others) other.exec('begin immediate')
  const miner = await startDevMiner(market, dbPath)
  const answered = await answersFor(new PromptLoad(market), miner, 3_000)
  for (const other of others) other.close()
  expect(answered.length).toBeGreaterThan(0)
  await until(async () => (await healthOf(miner)).parts['journal']!.state === 'ok')
  const ids = new Set(answered.map(({ prompt, outputHash }) => idOf(prompt, outputHash)))
  await until(async () => countRecorded(dbPath, ids) === ids.size)
})

/** On a copy: SQLite would follow the path out of the other process's file systems. */
function countOnDisk(outside: string, ids: ReadonlySet<string>): number {
  const folder = temporaryFolder()
  for (const name of ['miner.sqlite-wal', 'miner.sqlite']) copyFileSync(join(outside, name), join(folder, name))
  try {
    return countRecorded(join(folder, 'miner.sqlite'), ids)
  } catch {
    // Copied while it was written: not a state of the database.
    return 0
  }
}

/** A miner that has been up for a while has a price and a record of nonces: it refuses nothing. */
async function allAnsweredFor(load: PromptLoad, miner: DevMiner, durationMs: number): Promise<readonly Answered[]> {
  const { answered, refused } = await loadFor(load, miner, durationMs)
  expect([...refused]).toEqual([])
  return answered
}

async function answersFor(load: PromptLoad, miner: DevMiner, durationMs: number): Promise<readonly Answered[]> {
  return (await loadFor(load, miner, durationMs)).answered
}

/** Asks for so long; a refusal other than "no price yet" or "just started" fails the test. */
async function loadFor(load: PromptLoad, miner: DevMiner, durationMs: number) {
  const endMs = performance.now() + durationMs
  let answers = 0
  const count = (so: number) => {
    answers = so
  }
  const result = await load.run(miner.port, lanes, count, () => performance.now() > endMs && answers >= lanes)
  expect(result).toMatchObject({ cut: 0, unansweredAtMs: [] })
  return result
}

async function sendAgain(port: number, { call }: Answered): Promise<string | undefined> {
  const connection = await RawConnection.open(port)
  connection.write(requestText(call.headers, call.body))
  const code = codeOf(await connection.next())
  connection.destroy()
  return code
}
