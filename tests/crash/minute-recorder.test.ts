import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { SplitMix64 } from '#core/base/random/rng'
import { ScaledClock } from '#core/base/time/scaled-clock'
import { minuteMs } from '#core/base/time/units'
import { cutByKind } from '#core/market/minutes/coverage'
import { createPriceSourceLookup, createScoredSources } from '#core/market/venues/price-sources'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { startMarketStandIn } from '#standins/market/server'
import { SyntheticMarket } from '#standins/market/synthetic/synthetic-market'
import { runsLong } from '#tests/support/long-tests'
import type { CommitLine, RecorderChildOptions } from '#tests/support/recorder-child'
import { temporaryFolder } from '#tests/support/temporary-folder'

const kills = runsLong ? 200 : 12
const seed = BigInt(process.env['VOLCAST_TEST_SEED'] ?? 41)
const assets = ['BTC', 'ETH', 'XAU', 'AAPLX']
const startAtMs = Date.UTC(2026, 9, 6, 14)
const fillDays = 2
const sourceOf = createPriceSourceLookup(
  createScoredSources(buildRegimeBook(builtInRegimes), { pythHistory: 'pythPro' }),
)

it(`loses no committed minute in ${kills} kills at random moments (seed ${seed}), and starts again each time`, async () => {
  const rng = new SplitMix64(seed)
  const clock = new ScaledClock(systemClock, { startAtMs, speed: 500 })
  const feed = new SyntheticMarket({ seed, originMs: startAtMs - 5 * 24 * 60 * minuteMs })
  const standIn = await startMarketStandIn({ feed, clock, realClock: systemClock })
  onTestFinished(() => standIn.stop())
  const dbPath = join(temporaryFolder(), 'minutes.sqlite')
  const options: RecorderChildOptions = {
    mode: 'follow',
    dbPath,
    standInUrl: standIn.url,
    assets,
    fillDays,
    rulesAtMs: startAtMs,
    startAtMs,
  }
  const committed = new Map<string, number>()
  /** When the first minutes of an asset were told of. */
  const toldAtMs = new Map<string, number>()
  const note = ({ asset, closes }: CommitLine) => {
    if (!toldAtMs.has(asset)) toldAtMs.set(asset, clock.nowMs())
    for (const [openAtMs, close] of closes) committed.set(`${asset} ${openAtMs}`, close)
  }

  for (let kill = 0; kill < kills; kill += 1) {
    const child = startChild(options, note)
    // Some die while they start, most in the middle of their work.
    if (rng.next() < 0.8) await child.firstCommit
    await systemClock.sleep(rng.next() * 600)
    child.process.kill('SIGKILL')
    await child.ended
    expect(readBack(dbPath, committed)).toEqual({ integrity: 'ok', lost: [] })
  }
  expect(committed.size).toBeGreaterThan(fillDays * 1_440)

  const last = startChild(options, note)
  const untilMs = clock.nowMs() + 60 * minuteMs
  await last.firstCommit
  await clock.sleep(untilMs - clock.nowMs())
  // What earlier lives left open is filled in its own time, which on a busy machine is many minutes of this fast market.
  while (compare(dbPath, feed, { toldAtMs, untilMs }).some(({ unknown }) => unknown.length > 0)) await last.nextCommit()
  last.process.kill('SIGKILL')
  await last.ended
  expect(readBack(dbPath, committed)).toEqual({ integrity: 'ok', lost: [] })
  expect(compare(dbPath, feed, { toldAtMs, untilMs })).toEqual(
    assets.map((asset) => ({ asset, wrong: 0, unknown: [] })),
  )
})

interface Child {
  readonly process: ChildProcess
  readonly firstCommit: Promise<void>
  readonly nextCommit: () => Promise<unknown>
  /** Resolves when the process has gone and its last whole line has been read. */
  readonly ended: Promise<unknown>
}

function startChild(options: RecorderChildOptions, note: (line: CommitLine) => void): Child {
  const script = join(import.meta.dirname, '..', 'support', 'recorder-child.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let pending = ''
  const commits = new EventEmitter()
  let committedOnce = () => {}
  const firstCommit = new Promise<void>((resolve, reject) => {
    committedOnce = resolve
    child.once('exit', (code, signal) => {
      if (signal !== 'SIGKILL') reject(new Error(`the recorder ended by itself with ${code}`))
    })
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    pending += text
    const lines = pending.split('\n')
    pending = lines.pop()!
    for (const line of lines) note(JSON.parse(line) as CommitLine)
    if (lines.length > 0) {
      committedOnce()
      commits.emit('commit')
    }
  })
  return { process: child, firstCommit, nextCommit: () => once(commits, 'commit'), ended: once(child, 'close') }
}

function readBack(dbPath: string, committed: ReadonlyMap<string, number>) {
  return withStore(dbPath, (store, integrity) => {
    const lost: string[] = []
    for (const [key, close] of committed) {
      const [asset, openAt] = key.split(' ') as [string, string]
      const openAtMs = Number(openAt)
      if (store.readSlots({ asset, ...sourceOf(asset, startAtMs)! }, openAtMs, openAtMs)[0] !== close) lost.push(key)
    }
    return { integrity, lost }
  })
}

/** The whole of what was recorded against the market, up to some minutes before the end. */
function compare(
  dbPath: string,
  feed: SyntheticMarket,
  { toldAtMs, untilMs }: { toldAtMs: ReadonlyMap<string, number>; untilMs: number },
) {
  return withStore(dbPath, (store) =>
    assets.map((asset) => {
      const series = { asset, ...sourceOf(asset, startAtMs)! }
      // The process that told of the first minutes had come up before that, and began two days before then.
      const fromMs = (Math.ceil(toldAtMs.get(asset)! / minuteMs) - fillDays * 1_440) * minuteMs
      const toMs = store.lastClose(series, fromMs, untilMs - 10 * minuteMs)!.openAtMs
      const slots = store.readSlots(series, fromMs, toMs)
      const wrong = slots.filter(
        (slot, i) => slot !== 0 && !Object.is(slot, feed.minuteClose(asset, fromMs + i * minuteMs) ?? Number.NaN),
      )
      return { asset, wrong: wrong.length, unknown: cutByKind(slots, fromMs).filter((span) => span.kind === 'unknown') }
    }),
  )
}

function withStore<T>(dbPath: string, read: (store: SqliteMinuteStore, integrity: unknown) => T): T {
  const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
  const db = openDatabase({ path: dbPath, migrationsDir, clock: systemClock })
  try {
    return read(new SqliteMinuteStore(db, systemClock), db.pragma('integrity_check', { simple: true }))
  } finally {
    db.close()
  }
}
