import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { openDatabaseToRead } from '#adapters/sqlite/database'
import { SqliteFieldStore } from '#adapters/sqlite/field-store'
import { countPredictions } from '#adapters/sqlite/prediction-reader'
import { SqliteRealisedPathStore } from '#adapters/sqlite/realised-path-store'
import { dayMs, hourMs, minuteMs } from '#core/base/time/units'
import { composeDaemon } from '#daemon/compose'
import { startMarketStandIn } from '#standins/market/server'
import { joinStandInSubnet, standInHotkeys } from '#standins/network/compose-standin'
import { devSettings } from '#standins/network/dev-settings'
import { sendCall } from '#standins/validator/send-call'
import { simulationCall } from '#standins/validator/simulation-call'
import { aNode } from '#tests/support/chain-fixtures'
import { ask, askUntilAnswered, chainedSubnet, partOf, startChainedMiner } from '#tests/support/chained-miner'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { openMainDatabase } from '#tests/support/test-database'
import { TestLogger } from '#tests/support/test-logger'
import { TestMarket } from '#tests/support/test-market'

const packageRoot = join(import.meta.dirname, '..', '..')
const yearMs = 365 * dayMs
const startedAtMs = systemClock.nowMs()

/** The whole miner: its wall clock jumps, the validator's does not. */
it.each([yearMs, 2 * dayMs, -yearMs])(
  'answers every prompt while its wall clock is off by %d ms, says so, and deletes nothing',
  { timeout: 120_000 },
  async (jumpMs) => {
    let offsetMs = 0
    const wallClock = { ...systemClock, nowMs: () => systemClock.nowMs() + offsetMs }
    const market = await startMarketStandIn({ feed: new TestMarket(), clock: systemClock, realClock: systemClock })
    onTestFinished(() => market.stop())
    const folder = temporaryFolder()
    const place = { marketUrl: market.url, databasePath: join(folder, 'miner.sqlite'), axonPort: 0, healthPort: 0 }
    const log = new TestLogger()
    plantRows(place.databasePath)
    // Deletes what is older than a day, or a month, each second.
    const trimming = [
      '--retention.cron',
      '* * * * * *',
      '--retention.fieldDays',
      '31',
      '--retention.realisedPathDays',
      '31',
      '--journal.retainDays',
      '1',
      '--journal.trimCron',
      '* * * * * *',
      '--journal.minFreeBytes',
      '0',
      '--journal.sampling',
      'all',
    ]
    const daemon = await composeDaemon(devSettings(place, trimming), {
      ...{ clock: wallClock, joinSubnet: joinStandInSubnet, log, packageRoot, version: 'test', pid: process.pid },
      ...{ env: {}, homeFolder: folder, logHealth: () => ({ state: 'ok' as const, sentence: 'Kept by the test.' }) },
      onBug: (error) => {
        throw error
      },
    })
    onTestFinished(() => daemon.stop())
    const part = (name: string) => daemon.board.report().parts[name]
    await vi.waitUntil(() => part('prices')?.state === 'ok', { timeout: 60_000, interval: 50 })

    const { miner, validator } = standInHotkeys()
    const startAtSeconds = Math.ceil((systemClock.nowMs() + 10 * minuteMs) / minuteMs) * 60
    const ask = () => {
      const prompt = { asset: 'BTC', startAtSeconds, stepSeconds: 300, timeLengthSeconds: 86_400, pathCount: 100 }
      const facts = { signer: validator, receiver: miner.address, uuid: randomUUID(), timeoutSeconds: 60 }
      const call = simulationCall(prompt, { ...facts, nonceNs: BigInt(systemClock.nowMs()) * 1_000_000n })
      const url = `http://127.0.0.1:${daemon.axons[0]!.port}/Simulation`
      return sendCall({ clock: systemClock }, url, call, { timeoutMs: 60_000, signal: new AbortController().signal })
    }
    // A new miner knows no nonce yet, and takes those only that are later than its start.
    await vi.waitFor(async () => expect(await ask()).toMatchObject({ kind: 'answered' }), {
      timeout: 60_000,
      interval: 500,
    })
    expect(part('clock')).toMatchObject({ state: 'ok' })
    const deletions = () => log.events().filter((event) => event === 'retention.deleted').length
    await vi.waitUntil(() => deletions() === 2, { timeout: 10_000, interval: 50 })

    offsetMs = jumpMs
    for (let i = 0; i < 3; i += 1) expect(await ask()).toMatchObject({ kind: 'answered' })
    expect(part('clock')).toMatchObject({ state: 'degraded', sentence: expect.stringContaining('jumped') as string })
    for (const waiting of ['journal.trim_waits', 'retention.waits']) {
      const waits = () => log.events().filter((event) => event === waiting).length
      await vi.waitUntil(() => waits() >= 2, { timeout: 10_000, interval: 50 })
    }

    offsetMs = 0
    expect(await ask()).toMatchObject({ kind: 'answered' })
    expect(part('clock')).toMatchObject({ state: 'ok' })
    const db = openDatabaseToRead({ path: place.databasePath, lastMigration: 50 })
    // The same prompt has one record, however often it is asked.
    expect(countPredictions(db)).toBe(1)
    const ages = (column: string, table: string) =>
      db
        .prepare<[], number>(`select ${column} from ${table}`)
        .pluck()
        .all()
        .map((atMs) => Math.round((startedAtMs - atMs) / dayMs))
    expect([ages('scored_at_ms', 'field_prompts'), ages('start_at_ms', 'realized_paths')]).toEqual([[20], [20]])
    db.close()
  },
)

const preload = fileURLToPath(new URL('../support/preloads/wrong-wall-clock.mjs', import.meta.url))

/** The compiled miner on a chain; blocks and prices have the right time, or the node lies. */
it.each([
  { what: 'starts 5 hours ahead', clockOffMs: 5 * hourMs, nodeOffMs: 0, says: 'the chain and the venues agree on' },
  { what: 'starts 5 hours behind', clockOffMs: -5 * hourMs, nodeOffMs: 0, says: 'the chain and the venues agree on' },
  { what: 'hears a node 5 hours ahead', clockOffMs: 0, nodeOffMs: 5 * hourMs, says: "from the chain's time" },
  { what: 'hears a node 5 hours behind', clockOffMs: 0, nodeOffMs: -5 * hourMs, says: "from the chain's time" },
])(
  'answers honest validators when it $what, and takes no nonce twice',
  { timeout: 120_000 },
  async ({ clockOffMs, nodeOffMs, says }) => {
    const node = await aNode({ neurons: chainedSubnet, nowMs: () => Date.now() + nodeOffMs })
    const blocks = setInterval(() => node.produceBlock(), 1_000)
    onTestFinished(() => clearInterval(blocks))
    const cwd = temporaryFolder()
    const wrong = { NODE_OPTIONS: `--import ${preload}`, WRONG_WALL_CLOCK_MS: String(clockOffMs) }

    const first = await startChainedMiner(node, { cwd, env: wrong })
    const answered = await askUntilAnswered(first)
    expect((await ask(first, answered)).code).toBe('nonce_replayed')
    expect((await ask(first)).status).toBe(200)
    expect(await partOf(first, 'clock')).toMatchObject({
      state: 'degraded',
      sentence: expect.stringContaining(says) as string,
    })
    first.miner.child.kill('SIGKILL')
    await first.miner.exit
    if (clockOffMs <= 0) return

    // What a clock that is ahead left on the disk must not refuse anybody.
    const second = await startChainedMiner(node, { cwd })
    expect((await ask(second, answered)).code).toMatch(/nonce_(replayed|from_before)/)
    await askUntilAnswered(second)
    second.miner.child.kill('SIGTERM')
    expect(await second.miner.exit).toBe(0)
  },
)

/** Of twenty days ago, which only a wrong clock would delete, and of a hundred. */
function plantRows(path: string): void {
  const db = openMainDatabase(path)
  const kind = { asset: 'BTC', timeLengthSeconds: 3_600 }
  for (const days of [20, 100]) {
    const startAtMs = startedAtMs - days * dayMs
    const miners = [{ uid: 1, crps: 1, promptScore: 0 }]
    const window = { fromMs: startAtMs, toMs: startAtMs + dayMs }
    new SqliteFieldStore(db, systemClock).save(kind, window, [{ ...kind, scoredAtMs: startAtMs, miners }], 0)
    const series = { venue: 'binanceSpot' as const, symbol: 'BTCUSDT' }
    const prices = Float64Array.of(1)
    const path = { ...kind, startAtMs, stepSeconds: 60, series, origin: 'venue' as const, prices }
    new SqliteRealisedPathStore(db, systemClock).save(path)
  }
  db.close()
}
