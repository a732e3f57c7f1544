import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { openDatabaseToRead } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { SqliteJournalReader } from '#adapters/sqlite/prediction-reader'
import { hourMs, minuteMs } from '#core/base/time/units'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { PathSampler } from '#core/forecast/paths/path-sampler'
import type { MarketFeed } from '#core/market/minutes/market-feed'
import { servedModel } from '#core/tuning/replay/prediction-score'
import { composeDaemon } from '#daemon/compose'
import { standInSettings, startMarketStandIn } from '#standins/market/server'
import { joinStandInSubnet, standInHotkeys } from '#standins/network/compose-standin'
import { devSettings } from '#standins/network/dev-settings'
import { sendCall } from '#standins/validator/send-call'
import { type PromptFields, simulationCall } from '#standins/validator/simulation-call'
import { recordedAssets } from '#tests/support/built-in-assets'
import { publishedSets } from '#tests/support/published-sets'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestLogger } from '#tests/support/test-logger'
import { TestMarket } from '#tests/support/test-market'
import { openReplay } from '#tuner/compose-replay'
import { TunerConfig } from '#tuner/config'

const packageRoot = join(import.meta.dirname, '..', '..')
const newAsset = 'DOGE'
const lastHourMs = Date.UTC(2026, 11, 2, 11)
const startAtMs = lastHourMs + hourMs + 30_000

const launch = '2026-12-01T00:00:00Z'

/** What an operator writes when the subnet announces an asset: who asks for it, and where its price comes from. */
const regimes = [
  {
    id: 'new-asset',
    extends: '2026-09-22',
    effective: { promptFrom: launch, scoreFrom: launch, averageFrom: launch },
    competitions: { 'crypto-24h': { assets: ['BTC', 'ETH', 'SOL', 'XRP', 'HYPE', newAsset] } },
    promptProfiles: {
      low: {
        assets: [...recordedAssets, newAsset],
        lanes: [{ assets: [...recordedAssets, newAsset], intervalMinutes: 1, offsetMinutes: null }],
      },
    },
    priceSources: {
      [newAsset]: {
        venue: 'binanceSpot',
        symbol: `${newAsset}USDT`,
        endpoint: 'klines',
        alternatives: [],
        until: null,
      },
    },
  },
]

/** Prices of the new asset follow SOL's, so that they are known everywhere and at any time. */
class MarketWithNewAsset implements MarketFeed {
  readonly #known = new TestMarket()

  assets(): readonly string[] {
    return [...this.#known.assets(), newAsset]
  }

  priceAt(asset: string, atMs: number): number | undefined {
    return this.#known.priceAt(asset === newAsset ? 'SOL' : asset, atMs)
  }

  minuteClose(asset: string, openAtMs: number): number | undefined {
    return this.#known.minuteClose(asset === newAsset ? 'SOL' : asset, openAtMs)
  }
}

function ask(clock: typeof systemClock, port: number, prompt: PromptFields) {
  const { miner, validator } = standInHotkeys()
  const facts = { signer: validator, receiver: miner.address, uuid: randomUUID(), timeoutSeconds: 60 }
  const call = simulationCall(prompt, { ...facts, nonceNs: BigInt(clock.nowMs()) * 1_000_000n })
  const options = { timeoutMs: 60_000, signal: new AbortController().signal }
  return sendCall({ clock: systemClock }, `http://127.0.0.1:${port}/Simulation`, call, options)
}

it('admits, records, forecasts and scores an asset that only the file of regimes names', async () => {
  const folder = temporaryFolder()
  const regimesFile = join(folder, 'regimes.yaml')
  writeFileSync(regimesFile, JSON.stringify(regimes))
  let aheadMs = startAtMs - systemClock.nowMs()
  const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs }
  const feed = new MarketWithNewAsset()
  const market = await startMarketStandIn({ feed, clock, realClock: systemClock })
  onTestFinished(() => market.stop())

  const place = { marketUrl: market.url, databasePath: join(folder, 'miner.sqlite'), axonPort: 0, healthPort: 0 }
  const settings = ['--regimes.file', regimesFile, '--recorder.fillDays', '1', '--journal.minFreeBytes', '0']
  const daemon = await composeDaemon(devSettings(place, settings), {
    ...{ clock, joinSubnet: joinStandInSubnet, log: new TestLogger(), packageRoot, version: 'test', pid: process.pid },
    ...{ env: {}, homeFolder: folder, logHealth: () => ({ state: 'ok' as const, sentence: 'Kept by the test.' }) },
    onBug: (error) => {
      throw error
    },
  })
  let isRunning = true
  const stop = async (): Promise<void> => {
    if (isRunning) await daemon.stop()
    isRunning = false
  }
  onTestFinished(stop)

  const kernel = new PathKernel()
  const deps = { sampler: new PathSampler(kernel), writePrices: kernel.writePrices.bind(kernel) }
  const readDatabase = () => {
    const db = openDatabaseToRead({ path: place.databasePath, lastMigration: 50 })
    const series = { asset: newAsset, venue: 'binanceSpot', symbol: `${newAsset}USDT` } as const
    const minutes = new SqliteMinuteStore(db, clock).readSlots(series, lastHourMs, lastHourMs + 59 * minuteMs)
    const [served] = new SqliteJournalReader(db, deps).list({ assets: [newAsset] })
    db.close()
    return { minutes, served }
  }
  const isOk = (part: string) => daemon.board.report().parts[part]?.state === 'ok'
  await vi.waitUntil(() => isOk('volatility') && isOk('prices'), { timeout: 60_000, interval: 50 })

  const startAtSeconds = Math.ceil((clock.nowMs() + 30_000) / minuteMs) * 60
  const prompt = {
    asset: newAsset,
    startAtSeconds,
    stepSeconds: 300,
    timeLengthSeconds: 86_400,
    pathCount: 100,
  }
  const port = daemon.axons[0]!.port
  // A new miner takes only nonces that are later than its start.
  await vi.waitFor(
    async () => expect(await ask(clock, port, { ...prompt, asset: 'PEPE' })).toMatchObject({ code: 'unknown_asset' }),
    { timeout: 60_000, interval: 100 },
  )
  expect(await ask(clock, port, prompt)).toMatchObject({ kind: 'answered' })
  await stop()

  const { minutes, served } = readDatabase()
  expect(minutes.filter((close) => close > 0)).toHaveLength(60)
  expect(served).toMatchObject({
    rung: 'champion',
    isDegraded: false,
    model: { name: 'calibrated', version: publishedSets().find('POOL', 'low')!.hash },
  })

  // A day later the prices are known. The venue is asked for them: nobody has recorded them meanwhile.
  aheadMs += 25 * hourMs
  const config = TunerConfig.parse({
    db: { path: place.databasePath },
    regimes: { file: regimesFile },
    market: standInSettings(market.url),
  })
  const replay = openReplay({ clock, config, packageRoot, log: new TestLogger(), threads: 1 }, {})
  onTestFinished(() => replay.close())
  const filter = { fromMs: startAtMs - hourMs, toMs: startAtMs + hourMs }
  const { scores } = await replay.run({ filter, model: servedModel, specOf: () => null, again: false }, {})
  expect(scores).toMatchObject([{ asset: newAsset, competition: 'crypto-24h', regime: 'new-asset', problem: null }])
  expect(scores[0]!.total).toBeGreaterThan(0)
})
