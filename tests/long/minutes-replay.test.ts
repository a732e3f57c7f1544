import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { createVenues } from '#adapters/market/venues'
import { MinuteFolder, readRecordedFeed } from '#adapters/minute-files/minute-folder'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { SplitMix64 } from '#core/base/random/rng'
import { ScaledClock } from '#core/base/time/scaled-clock'
import { dayMs, hourMs, minuteMs } from '#core/base/time/units'
import { MarketConfig } from '#core/market/board/market-config'
import { describeCoverage } from '#core/market/minutes/coverage'
import { createPriceSourceLookup, createScoredSources } from '#core/market/venues/price-sources'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { startMinuteRecorder } from '#daemon/jobs/start-minute-recorder'
import type { FaultInput, VenuelessFault } from '#standins/market/faults'
import { standInSettings, startMarketStandIn } from '#standins/market/server'
import { runsLong } from '#tests/support/long-tests'
import { hasShared, sharedPath, skippedWithoutShared } from '#tests/support/shared-files'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestLogger } from '#tests/support/test-logger'

const speed = 500
const fillDays = 3
const rulesAtMs = Date.UTC(2026, 9, 1)
const sourceOf = createPriceSourceLookup(
  createScoredSources(buildRegimeBook(builtInRegimes), { pythHistory: 'pythPro' }),
)

interface Window {
  readonly startAt: string
  readonly hours: number
  readonly assets: readonly string[]
  /** Two series of Binance that a fault swaps. */
  readonly swapped: readonly [string, string]
  /** The Hyperliquid series that faults of one asset hit. */
  readonly perp: string
}

const may = {
  startAt: '2025-05-22T12:30:00Z',
  assets: ['BTC', 'ETH', 'SOL', 'XRP', 'AAPLX', 'TSLAX'],
  swapped: ['BTC', 'ETH'],
  perp: 'AAPLX',
} as const
const windows: readonly Window[] = runsLong
  ? [
      { ...may, hours: 72 },
      {
        startAt: '2025-07-23T09:00:00Z',
        hours: 36,
        assets: ['BTC', 'ETH', 'HYPE'],
        swapped: ['BTC', 'ETH'],
        perp: 'HYPE',
      },
      { startAt: '2025-12-16T12:00:00Z', hours: 36, assets: ['XAU', 'NVDAX'], swapped: ['BTC', 'ETH'], perp: 'NVDAX' },
    ]
  : [{ ...may, hours: 4 }]

/** Every kind of outage in turn, one each 20 minutes, the second venue's ten minutes after the first's. */
function scriptOf(window: Window): FaultInput[] {
  const faults = (asset: string, swapped: readonly [string, string]): VenuelessFault[] => [
    { kind: 'down' },
    { kind: 'rateLimited', retryAfterSeconds: 30 },
    { kind: 'stale' },
    { kind: 'geoBlocked' },
    { kind: 'halfBody' },
    { kind: 'swapped', assets: [swapped[0], swapped[1]] },
    { kind: 'garbage' },
    { kind: 'serverError' },
    { kind: 'badPrice', asset, value: 'NaN' },
    { kind: 'redirect' },
    { kind: 'slow' },
    { kind: 'jump', asset, factor: 1.5 },
  ]
  const others: readonly [string, string] = [
    window.perp,
    window.assets.at(-1) === window.perp ? 'XAU' : window.assets.at(-1)!,
  ]
  return (['binanceSpot', 'hyperliquid'] as const).flatMap((venue, v) =>
    Array.from({ length: window.hours * 3 - 1 }, (_, slot): FaultInput => {
      const list = venue === 'binanceSpot' ? faults(window.swapped[0], window.swapped) : faults(window.perp, others)
      const fault = list[slot % list.length]!
      // A jump that lasts is a price: it is believed when seen three times, a minute apart.
      const forSeconds = fault.kind === 'jump' ? 100 : 480
      return { venue, ...fault, fromSeconds: 600 + slot * 1_200 + v * 600, forSeconds } as FaultInput
    }),
  )
}

async function replay(window: Window) {
  const feed = await readRecordedFeed(sharedPath('market'), window.assets)
  const startAtMs = Date.parse(window.startAt)
  const clock = new ScaledClock(systemClock, { startAtMs, speed })
  const standIn = await startMarketStandIn({ feed, clock, realClock: systemClock }, {})
  onTestFinished(() => standIn.stop())
  const script = scriptOf(window)
  for (const fault of script) standIn.faults.add(fault)
  const db = openDatabase({
    path: join(temporaryFolder(), 'minutes.sqlite'),
    migrationsDir: join(import.meta.dirname, '..', '..', 'migrations'),
    clock,
  })
  onTestFinished(() => void db.close())
  const store = new SqliteMinuteStore(db, clock)
  const config = MarketConfig.parse({ ...standInSettings(standIn.url), historyDeadlineMs: 500 })
  const openFiles = (folder: string) => new MinuteFolder({ clock }, folder)
  const { history } = createVenues({ clock, rng: new SplitMix64(1n), openFiles }, config)
  const log = new TestLogger()
  const running = startMinuteRecorder(
    { store, histories: history, sources: (asset) => sourceOf(asset, rulesAtMs), clock, log },
    { assets: window.assets, fillDays },
  )
  await clock.sleep(window.hours * hourMs)
  await running.stop()

  const fromMs = startAtMs - fillDays * dayMs + 5 * minuteMs
  const wantedToMs = startAtMs + window.hours * hourMs - 10 * minuteMs
  const series = window.assets.map((asset) => {
    const one = { asset, ...sourceOf(asset, rulesAtMs)! }
    const newestMs = store.lastClose(one, fromMs, clock.nowMs())!.openAtMs
    const slots = store.readSlots(one, fromMs, newestMs)
    let different = 0
    for (const [i, slot] of slots.entries()) {
      if (!Object.is(slot, feed.minuteClose(asset, fromMs + i * minuteMs) ?? Number.NaN)) different += 1
    }
    // The newest candle of the source waits for a later one to settle it: after a session's end until the next one's start.
    const isCandle = (atMs: number) => feed.minuteClose(asset, atMs) !== undefined
    const lastCandleMs = lastBefore(isCandle, wantedToMs)
    const settledToMs = lastBefore(isCandle, lastCandleMs - minuteMs)
    const { closes, gaps } = describeCoverage(slots, fromMs)
    return { asset, different, closes, gaps, reachesTheEnd: newestMs >= settledToMs }
  })
  const refusals = new Set(
    log.entries.filter((entry) => entry.event === 'minutes.ask_refused').map((entry) => entry['reason']),
  )
  return { series, refusals, script, conflicts: log.events().filter((event) => event === 'minutes.conflicted').length }
}

function lastBefore(isCandle: (atMs: number) => boolean, fromMs: number): number {
  let atMs = fromMs
  while (!isCandle(atMs)) atMs -= minuteMs
  return atMs
}

describe.skipIf(!hasShared)(`a replay at ${speed}x with scripted outages${skippedWithoutShared}`, () => {
  it.each(windows)(
    'records $hours hours from $startAt minute for minute, but for declared gaps',
    async (window) => {
      const { series, refusals, script, conflicts } = await replay(window)
      for (const one of series) {
        console.log(
          `${one.asset}: ${one.closes} closes equal to the source, ${one.gaps} declared gaps, ${one.different} different`,
        )
      }
      console.log(`${script.length} outages; refused for: ${[...refusals].join(', ')}`)
      for (const one of series) expect(one).toMatchObject({ different: 0, reachesTheEnd: true })
      expect(conflicts).toBe(0)
      // The outages did reach the recorder.
      for (const reason of [
        'unreachable',
        'rateLimited',
        'serverError',
        'malformed',
        'geoBlocked',
        'redirected',
        'timeout',
      ]) {
        expect([...refusals]).toContain(reason)
      }
      expect(series.reduce((sum, one) => sum + one.gaps, 0)).toBeGreaterThan(0)
    },
    (windows[0]!.hours * hourMs) / speed + 60_000,
  )
})
