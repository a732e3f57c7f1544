import { join } from 'node:path'
import { expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { minuteMs } from '#core/base/time/units'
import { hashesUnpersisted, startDevMarket, startDevMiner } from '#tests/support/dev-miner'
import { lookIntoJournal, lookIntoStates } from '#tests/support/left-behind'
import { runsLong } from '#tests/support/long-tests'
import { PromptLoad } from '#tests/support/prompt-load'
import { describeSpread } from '#tests/support/spread'
import { temporaryFolder } from '#tests/support/temporary-folder'

const stops = Number(process.env['VOLCAST_CRASH_STOPS'] ?? (runsLong ? 50 : 3))
const seed = BigInt(process.env['VOLCAST_TEST_SEED'] ?? 20_261_004)
const lanes = 4
const longestStopMs = 10_000

it(`the whole miner ends with 0 within 10 s of each of ${stops} SIGTERMs under load (seed ${seed}), with all that it answered`, {
  timeout: 120_000 + stops * minuteMs,
}, async () => {
  const rng = new SplitMix64(seed)
  // The world's own pace: its deadlines are those of a real stop.
  const market = await startDevMarket(1)
  const load = new PromptLoad(market)
  const dbPath = join(temporaryFolder(), 'miner.sqlite')
  const stopMs: number[] = []
  let total = 0
  let afterSignal = 0
  let unpersisted = 0
  for (let stop = 0; stop < stops; stop += 1) {
    const miner = await startDevMiner(market, dbPath)
    let signalledAtMs = Number.POSITIVE_INFINITY
    const beganAtMs = performance.now()
    setTimeout(() => {
      signalledAtMs = performance.now()
      miner.child.kill('SIGTERM')
    }, rng.next() * 3_000)
    const { answered, cut, unansweredAtMs } = await load.run(miner.port, lanes)
    expect(await miner.ended).toBe(0)
    stopMs.push(performance.now() - signalledAtMs)
    // Each request that came before the signal got an answer, and no answer was cut off.
    expect({ cut, forgotten: unansweredAtMs.filter((atMs) => atMs < signalledAtMs) }).toEqual({ cut: 0, forgotten: [] })
    const { complaints, events } = miner
    expect(complaints.filter(({ event }) => /^(stop|database|journal|volatility|vol_state)/.test(event))).toEqual([])
    expect(events.get('miner.stopped')).toBe(1)

    const loose = hashesUnpersisted(miner)
    unpersisted += loose.size
    const kept = answered.filter(({ outputHash }) => !loose.has(outputHash))
    expect(lookIntoJournal(dbPath, kept)).toMatchObject({ integrity: 'ok', lost: [], different: [] })
    await lookIntoStates(dbPath, market.clock.nowMs())
    total += answered.length
    afterSignal += answered.filter(({ afterMs }) => beganAtMs + afterMs > signalledAtMs).length
  }
  console.log(
    `${stops} stops: ${total} predictions answered in full, ${afterSignal} of them after the signal, 0 lost, ` +
      `${unpersisted} said to be unpersisted; gone after ${describeSpread(stopMs)}`,
  )
  expect(total).toBeGreaterThan(0)
  expect(Math.max(...stopMs)).toBeLessThan(longestStopMs)
})
