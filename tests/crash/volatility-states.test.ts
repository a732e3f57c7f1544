import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { SplitMix64 } from '#core/base/random/rng'
import { ScaledClock } from '#core/base/time/scaled-clock'
import { minuteMs } from '#core/base/time/units'
import { createPriceSourceLookup, createScoredSources } from '#core/market/venues/price-sources'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { startMarketStandIn } from '#standins/market/server'
import { SyntheticMarket } from '#standins/market/synthetic/synthetic-market'
import { runsLong } from '#tests/support/long-tests'
import type { RecorderChildOptions } from '#tests/support/recorder-child'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { bitsOf, VolatilityLab } from '#tests/support/volatility-lab'

const kills = runsLong ? 200 : 12
const seed = BigInt(process.env['VOLCAST_TEST_SEED'] ?? 43)
const assets = ['BTC', 'ETH', 'XAU', 'AAPLX']
const startAtMs = Date.UTC(2026, 9, 6, 14)
const sourceOf = createPriceSourceLookup(
  createScoredSources(buildRegimeBook(builtInRegimes), { pythHistory: 'pythPro' }),
)

it(`finds whole states after each of ${kills} kills (seed ${seed}), equal to a replay of the stored minutes`, async () => {
  const rng = new SplitMix64(seed)
  const clock = new ScaledClock(systemClock, { startAtMs, speed: 500 })
  const feed = new SyntheticMarket({ seed, originMs: startAtMs - 5 * 24 * 60 * minuteMs })
  const standIn = await startMarketStandIn({ feed, clock, realClock: systemClock })
  onTestFinished(() => standIn.stop())
  const dbPath = join(temporaryFolder(), 'states.sqlite')
  const options: RecorderChildOptions = {
    mode: 'follow',
    dbPath,
    standInUrl: standIn.url,
    assets,
    fillDays: 2,
    rulesAtMs: startAtMs,
    startAtMs,
    hasStates: true,
  }
  let statesFound = 0
  for (let kill = 0; kill < kills; kill += 1) {
    const child = startChild(options)
    if (rng.next() < 0.8) await child.firstCommit
    await systemClock.sleep(rng.next() * 600)
    child.process.kill('SIGKILL')
    await child.ended
    statesFound += await lookInto(dbPath, clock.nowMs())
  }
  expect(statesFound).toBeGreaterThan(kills * assets.length)
})

/** On a copy, since a start writes. Returns how many rows the killed process had left. */
async function lookInto(dbPath: string, nowMs: number): Promise<number> {
  const path = join(temporaryFolder(), 'copy.sqlite')
  for (const ending of ['', '-wal']) if (existsSync(dbPath + ending)) cpSync(dbPath + ending, path + ending)
  const lab = new VolatilityLab(nowMs, { assets, path })
  lab.sources = (asset) => sourceOf(asset, startAtMs)
  expect(lab.db.pragma('integrity_check', { simple: true })).toBe('ok')
  const rows = lab.store.readAll()
  expect(rows.filter(({ isIntact }) => !isIntact)).toEqual([])
  const states = await lab.start()
  const bits = assets.map((asset) => bitsOf(states, asset))
  expect(lab.log.entries.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
  lab.forgetStates()
  const replayed = await lab.start()
  expect(assets.map((asset) => bitsOf(replayed, asset))).toEqual(bits)
  return rows.length
}

function startChild(options: RecorderChildOptions) {
  const script = join(import.meta.dirname, '..', 'support', 'recorder-child.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const firstCommit = new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    child.once('exit', (code, signal) => {
      if (signal !== 'SIGKILL') reject(new Error(`the recorder ended by itself with ${code}`))
    })
  })
  child.stdout.resume()
  return { process: child, firstCommit, ended: once(child, 'close') }
}
