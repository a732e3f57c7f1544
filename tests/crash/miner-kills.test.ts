import { join } from 'node:path'
import { expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { minuteMs } from '#core/base/time/units'
import { type DevMiner, hashesUnpersisted, startDevMarket, startDevMiner } from '#tests/support/dev-miner'
import { countRecorded, idOf, lookIntoJournal, lookIntoStates } from '#tests/support/left-behind'
import { runsLong } from '#tests/support/long-tests'
import { type Answered, type LoadResult, PromptLoad } from '#tests/support/prompt-load'
import { codeOf, RawConnection, requestText } from '#tests/support/raw-http'
import { describeSpread, quantile } from '#tests/support/spread'
import { temporaryFolder } from '#tests/support/temporary-folder'

const kills = Number(process.env['VOLCAST_CRASH_KILLS'] ?? (runsLong ? 500 : 8))
const seed = BigInt(process.env['VOLCAST_TEST_SEED'] ?? 20_261_003)
const lanes = 4
/** A minute every six seconds: nearly every life of the miner sees one settle. */
const speed = 10
const readyTargetMs = 3_000
const leastAnswers = 3

it(`the whole miner, killed with -9 at ${kills} random moments under load (seed ${seed}), has all that it answered and is back in 3 s`, {
  timeout: 120_000 + kills * minuteMs,
}, async () => {
  const rng = new SplitMix64(seed)
  const market = await startDevMarket(speed)
  const load = new PromptLoad(market)
  const dbPath = join(temporaryFolder(), 'miner.sqlite')
  const tally = new Tally()
  let miner = await startDevMiner(market, dbPath)
  tally.firstReadyMs = miner.startup.wallMs
  for (let kill = 0; kill < kills; kill += 1) {
    const { child } = miner
    // Some die while they still look for prices, most once they have answered: after so many answers, whatever the pace.
    const answersFirst = rng.next() < 0.2 ? 0 : leastAnswers
    const lagMs = rng.next() * 2_000
    let isDoomed = false
    const killAfter = (count: number) => {
      if (isDoomed || count < answersFirst) return
      isDoomed = true
      setTimeout(() => child.kill('SIGKILL'), lagMs)
    }
    killAfter(0)
    const result = await load.run(miner.port, lanes, killAfter)
    const { answered } = result
    expect(await miner.ended).toBeNull()
    tally.take(miner, result)

    const unpersisted = hashesUnpersisted(miner)
    tally.unpersisted += unpersisted.size
    const kept = answered.filter(({ outputHash }) => !unpersisted.has(outputHash))
    for (const { prompt, outputHash } of kept) tally.ids.add(idOf(prompt, outputHash))
    const left = lookIntoJournal(dbPath, kept)
    expect(left).toMatchObject({ integrity: 'ok', lost: [], different: [] })
    tally.records = left.records
    const { rows } = await lookIntoStates(dbPath, market.clock.nowMs())
    tally.stateRows += rows

    miner = await startDevMiner(market, dbPath)
    tally.readyMs.push(miner.startup.wallMs)
    tally.ownReadyMs.push(miner.startup.wallMs - miner.startup.crowdedOutMs)
    expect(miner.recovered).toMatchObject({ pid: String(child.pid), rows: left.records })
    await expectNonceSpent(miner.port, answered.at(-1))
    tally.complain(miner)
    if ((kill + 1) % 25 === 0) console.log(tally.toString(kill + 1))
  }
  miner.child.kill('SIGKILL')
  await miner.ended
  console.log(tally.toString(kills))
  expect(countRecorded(dbPath, tally.ids)).toBe(tally.ids.size)
  expect(tally.ids.size).toBeGreaterThan(kills)
  expect(tally.stateRows).toBeGreaterThan(kills)
  // Whatever else runs on this machine must not decide; how long it was by the clock is printed above.
  expect(quantile(tally.ownReadyMs, 0.5)).toBeLessThan(readyTargetMs)
})

async function expectNonceSpent(port: number, answered: Answered | undefined): Promise<void> {
  if (answered === undefined) return
  const connection = await RawConnection.open(port)
  connection.write(requestText(answered.call.headers, answered.call.body))
  expect(['nonce_replayed', 'nonce_from_before']).toContain(codeOf(await connection.next()))
  connection.destroy()
}

/** What one may hear of a miner that was killed and started again: of venues that were slow, of nothing that is broken. */
const harmless = /^(venue|price|minutes|forecast|prediction)[._]|^stream/

class Tally {
  firstReadyMs = 0
  readonly readyMs: number[] = []
  readonly ownReadyMs: number[] = []
  readonly firstAnswerMs: number[] = []
  readonly ids = new Set<string>()
  readonly #heard = new Map<string, number>()
  readonly #refused = new Map<string, number>()
  #answered = 0
  #cut = 0
  records = 0
  stateRows = 0
  unpersisted = 0

  take(miner: DevMiner, { answered, refused, cut }: LoadResult): void {
    this.#answered += answered.length
    this.#cut += cut
    for (const [code, count] of refused) this.#refused.set(code, (this.#refused.get(code) ?? 0) + count)
    const first = answered[0]
    if (first !== undefined) this.firstAnswerMs.push(first.afterMs)
    this.complain(miner)
    for (const { event } of miner.complaints) this.#heard.set(event, (this.#heard.get(event) ?? 0) + 1)
  }

  complain({ complaints }: DevMiner): void {
    expect(complaints.filter(({ event }) => !harmless.test(event))).toEqual([])
  }

  toString(kills: number): string {
    return [
      `${kills} kills: ${this.#answered} predictions answered in full, 0 lost, ${this.unpersisted} said to be unpersisted,`,
      `${this.#cut} cut off, ${this.records} on record; refused ${JSON.stringify([...this.#refused])};`,
      `${this.stateRows} state rows, all equal to a replay;`,
      `first start ${this.firstReadyMs.toFixed(0)} ms; ready again after ${describeSpread(this.readyMs)},`,
      `without the time that others had the processors ${describeSpread(this.ownReadyMs)};`,
      `first answer after that ${describeSpread(this.firstAnswerMs)}; heard ${JSON.stringify([...this.#heard])}`,
    ].join(' ')
  }
}
