import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { SqliteGovernanceStore } from '#adapters/sqlite/governance-store'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { SqliteJournalReader } from '#adapters/sqlite/prediction-reader'
import { dayMs, minuteMs } from '#core/base/time/units'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { PathSampler } from '#core/forecast/paths/path-sampler'
import type { MarketFeed } from '#core/market/minutes/market-feed'
import { MinuteBatch } from '#core/market/minutes/minute-batch'
import { floorToMinute } from '#core/market/minutes/minute-day'
import { startMarketStandIn } from '#standins/market/server'
import { SyntheticMarket } from '#standins/market/synthetic/synthetic-market'
import { standInHotkeys } from '#standins/network/compose-standin'
import { simulationCall } from '#standins/validator/simulation-call'
import { startDevMiner } from '#tests/support/dev-miner'
import { runProgram } from '#tests/support/programs'
import { outputOf } from '#tests/support/prompt-load'
import { openLabDatabase } from '#tests/support/replay-lab'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { openGovernanceOf } from '#tests/support/test-database'
import { scoredSeriesOf } from '#tests/support/virtual-miner'

const assets = ['BTC', 'ETH']
const minuteDays = 4

/** Nothing moves and no minute is recorded: whatever changes in an answer, a parameter has changed. */
const stillMarket: MarketFeed = {
  assets: () => assets,
  priceAt: (asset) => (asset === 'BTC' ? 97_000 : 3_200),
  minuteClose: (asset) => (asset === 'BTC' ? 97_000 : 3_200),
}

/** A miner that first ran twenty days ago, with minutes of the last four days. */
function writeDatabase(dbPath: string): void {
  const nowMs = floorToMinute(systemClock.nowMs())
  const market = new SyntheticMarket({ seed: 5n, originMs: nowMs - minuteDays * dayMs })
  const db = openLabDatabase(dbPath)
  const writes = assets.map((asset) => {
    const batch = new MinuteBatch()
    for (let openAtMs = market.originMs; openAtMs < nowMs; openAtMs += minuteMs) {
      const close = market.minuteClose(asset, openAtMs)
      if (close === undefined) batch.declareGap(openAtMs)
      else batch.setClose(openAtMs, close)
    }
    return { series: scoredSeriesOf(asset, nowMs), batch, origin: 'recorded' as const }
  })
  new SqliteMinuteStore(db, systemClock).write(writes)
  db.close()
  const governance = openGovernanceOf(dbPath)
  new SqliteGovernanceStore(governance).recordStart(nowMs - 20 * dayMs)
  governance.close()
}

async function startMiner(dbPath: string) {
  const standIn = await startMarketStandIn({ feed: stillMarket, clock: systemClock, realClock: systemClock })
  onTestFinished(() => standIn.stop())
  const settings = { 'recorder.enabled': false, 'synth.answerCacheMs': 1, 'synth.prepareAhead': false }
  return startDevMiner({ url: standIn.url, speed: 1, clock: systemClock }, dbPath, { settings })
}

describe('a tuned parameter', () => {
  it('changes the answers of its asset and horizon from the next minute on, byte for byte no other, and back after a revert', {
    timeout: 300_000,
  }, async () => {
    const cwd = temporaryFolder()
    const dbPath = join(cwd, 'data', 'miner.sqlite')
    writeDatabase(dbPath)
    const miner = await startMiner(dbPath)
    const tuner = (...words: string[]) => runProgram('tuner', words, { cwd })
    const startAtSeconds = Math.ceil(systemClock.nowMs() / 1000) + 1_800
    const keys = standInHotkeys()
    const ask = async (asset: string, timeLengthSeconds: number): Promise<string> => {
      const stepSeconds = timeLengthSeconds === 3_600 ? 60 : 300
      const prompt = { asset, startAtSeconds, stepSeconds, timeLengthSeconds, pathCount: 100 }
      for (;;) {
        const call = simulationCall(prompt, {
          ...{ signer: keys.validator, receiver: keys.miner.address, uuid: randomUUID(), timeoutSeconds: 100 },
          nonceNs: BigInt(systemClock.nowMs()) * 1_000_000n,
        })
        const answer = await fetch(`http://127.0.0.1:${miner.port}/Simulation`, { method: 'POST', ...call })
        const body = await answer.text()
        if (answer.status === 200) return outputOf(body)
        // Right after its start it has no price yet, and no record of nonces.
        expect(body).toMatch(/price_unavailable|nonce_from_before/)
        await sleep(200)
      }
    }
    const askAll = async () => ({
      btcDay: await ask('BTC', 86_400),
      btcHour: await ask('BTC', 3_600),
      ethDay: await ask('ETH', 86_400),
      ethHour: await ask('ETH', 3_600),
    })
    const taken = async (count: number): Promise<void> => {
      while ((miner.events.get('parameters.applied') ?? 0) < count) await sleep(100)
    }

    const before = await askAll()
    expect(await askAll()).toEqual(before)

    const lambda = tuner('propose', 'BTC', 'lambda', '0.93', '--force', '--yes')
    expect(lambda.exitCode).toBe(1)
    expect(lambda.stderr).toMatch(
      /^CHANGE_WITHOUT_EFFECT: lambda belongs to .*; BTC 24h and 1h are served by calibrated; this change would alter 0 of the last 2 answers[.]/,
    )
    expect(lambda.stderr).toContain('"tuner propose BTC memory_low 0.1"')
    expect(tuner('check', 'BTC', 'lambda').exitCode).toBe(1)

    const piped = tuner('propose', 'BTC', 'level_low', '1.05', '--force')
    expect([piped.exitCode, piped.stderr]).toEqual([64, expect.stringMatching(/^REASON_MISSING: /)])
    const [, line] = /"tuner (propose [^"]+ --yes)"/.exec(piped.stderr) ?? []
    const proposed = tuner(...line!.split(' '))
    expect([proposed.exitCode, proposed.stderr]).toEqual([0, ''])
    await taken(1)
    const tuned = await askAll()
    expect(tuned.btcDay).not.toBe(before.btcDay)
    expect({ ...tuned, btcDay: '' }).toEqual({ ...before, btcDay: '' })

    expect(tuner('revert', '1', '--reason', 'seen enough').exitCode).toBe(0)
    await taken(2)
    expect(await askAll()).toEqual(before)

    expect(tuner('history', '--verify').stdout).toMatch(
      /Manual tuning \(the default: nobody typed one\)(.|\n)*is intact/,
    )
    miner.child.kill('SIGTERM')
    expect(await miner.ended).toBe(0)
    const db = openLabDatabase(dbPath)
    onTestFinished(() => void db.close())
    const kernel = new PathKernel()
    const writePrices = kernel.writePrices.bind(kernel)
    const journal = new SqliteJournalReader(db, { sampler: new PathSampler(kernel), writePrices })
    const models = journal
      .list({ assets: ['BTC'], timeLengthSeconds: 86_400 })
      .map(({ model }) => [model.parameters.calibrated, model.parametersHash] as const)
    expect(new Set(models.map(([, hash]) => hash)).size).toBe(2)
    expect(models.filter(([calibrated]) => calibrated !== undefined)).toEqual([
      [{ low: { level: 1.05 } }, expect.any(String)],
    ])
    const governance = openGovernanceOf(dbPath)
    onTestFinished(() => void governance.close())
    expect(new SqliteLedgerStore(governance).read().map(({ kind }) => kind)).toEqual([
      ...['proposed', 'applied', 'verdict', 'applied'],
    ])
  })
})
