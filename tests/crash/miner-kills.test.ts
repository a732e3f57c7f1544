import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { minuteMs } from '#core/base/time/units'
import {
  type DevMiner,
  EndedEarly,
  hashesUnpersisted,
  type LoggedEvent,
  startDevMarket,
  startDevMiner,
} from '#tests/support/dev-miner'
import { choosePlan, hasStrace, type KillPlan } from '#tests/support/kill-plans'
import { LedgerWriter } from '#tests/support/ledger-writer'
import { countRecorded, idOf, lookIntoJournal, lookIntoStates } from '#tests/support/left-behind'
import { runsLong } from '#tests/support/long-tests'
import { type Answered, type LoadResult, PromptLoad } from '#tests/support/prompt-load'
import { codeOf, RawConnection, requestText } from '#tests/support/raw-http'
import { describeSpread, quantile } from '#tests/support/spread'
import { temporaryFolder } from '#tests/support/temporary-folder'

/**
 * A campaign: `VOLCAST_KILLS=5000 npm run test:crash -- miner-kills`. It stops by itself after VOLCAST_KILLS_MINUTES, and
 * with VOLCAST_KILLS_FILE its figures go on where those of the last run ended.
 */
const kills = Number(process.env['VOLCAST_KILLS'] ?? (runsLong ? 500 : 10))
const stopAfterMs = Number(process.env['VOLCAST_KILLS_MINUTES'] ?? Number.POSITIVE_INFINITY) * minuteMs
const file = process.env['VOLCAST_KILLS_FILE']
const seed = BigInt(process.env['VOLCAST_TEST_SEED'] ?? 20_261_003)
const lanes = 4
/** A minute every six seconds: nearly every life of the miner sees one settle. */
const speed = 10
const readyTargetMs = 3_000
const leastAnswers = 3
/** Then another database begins, so that looking into it stays quick. */
const killsPerDatabase = 200
/** A campaign does not compare all states each time. */
const statesEvery = kills > 50 ? 10 : 1

it(`the whole miner, killed with -9 at ${kills} random and chosen moments under load (seed ${seed}), has all that it answered and is back in 3 s${hasStrace ? '' : ' (no strace: random ones only)'}`, {
  timeout: 300_000 + kills * minuteMs,
}, async () => {
  const rng = new SplitMix64(seed)
  const market = await startDevMarket(speed)
  // A machine that is busy with other things leaves no time to answer: counted and printed, and nothing is lost by it.
  const load = new PromptLoad(market, ['deadline_passed', 'answer_failed'])
  const tally = new Tally(file)
  const endMs = performance.now() + stopAfterMs
  let own = 0
  while (own < kills && performance.now() < endMs) {
    const dbPath = join(temporaryFolder(), 'miner.sqlite')
    const ledger = new LedgerWriter(dbPath, market.clock)
    const ids = new Set<string>()
    let last: Answered | undefined
    let before: { readonly pid: string; readonly rows: number } | undefined
    let isFirst = true
    for (let here = 0; here < killsPerDatabase && own < kills && performance.now() < endMs; here += 1, own += 1) {
      const plan: KillPlan = isFirst ? { kind: 'random', under: [] } : choosePlan(rng, dbPath)
      const miner = await startDevMiner(market, dbPath, { under: plan.under }).catch((error: unknown) => {
        // Killed where it was planned, within its start.
        if (error instanceof EndedEarly && error.code === null && plan.under.length > 0) return undefined
        throw error
      })
      if (miner === undefined) {
        tally.killed(plan.kind, 'start')
        ledger.check()
        before = undefined
        continue
      }
      if (plan.under.length === 0) tally.ready(miner, isFirst)
      if (before !== undefined) expect(miner.recovered).toMatchObject(before)
      isFirst = false
      if (last !== undefined) await expectNonceSpent(miner, last)

      // Some die while they still look for prices, most once they have answered: after so many answers, whatever the pace.
      const answersFirst = rng.next() < 0.2 ? 0 : leastAnswers
      const lagMs = rng.next() * 2_000
      const patienceMs = plan.under.length === 0 ? 0 : 3_000
      let isDoomed = false
      const killAfter = (count: number) => {
        if (isDoomed || count < answersFirst) return
        isDoomed = true
        setTimeout(() => ledger.write(), lagMs / 2)
        setTimeout(() => miner.child.kill('SIGKILL'), lagMs + patienceMs)
      }
      killAfter(0)
      const killedFromOutside = () => miner.child.killed
      const result = await load.run(miner.port, lanes, killAfter)
      expect(await miner.ended).toBeNull()
      tally.killed(killedFromOutside() ? 'random' : plan.kind, 'load')
      last = result.answered.at(-1) ?? last

      const unpersisted = hashesUnpersisted(miner)
      const kept = result.answered.filter(({ outputHash }) => !unpersisted.has(outputHash))
      for (const { prompt, outputHash } of kept) ids.add(idOf(prompt, outputHash))
      const left = lookIntoJournal(dbPath, kept)
      expect(left).toMatchObject({ integrity: 'ok', lost: [], different: [] })
      before = { pid: String(miner.child.pid), rows: left.records }
      ledger.check()
      tally.take(miner, result, unpersisted.size)
      if (own % statesEvery === 0) tally.stateRows += (await lookIntoStates(dbPath, market.clock.nowMs())).rows
      if ((own + 1) % 25 === 0) tally.report()
    }
    expect(countRecorded(dbPath, ids)).toBe(ids.size)
    expect(ids.size).toBeGreaterThan(0)
    tally.records += ids.size
    tally.entries += ledger.entries
  }
  tally.report()
  expect(tally.stateRows).toBeGreaterThan(0)
  expect(tally.entries).toBeGreaterThan(0)
  // Whatever else runs on this machine must not decide; how long it was by the clock is printed above.
  expect(quantile(tally.ownReadyMs, 0.5)).toBeLessThan(readyTargetMs)
})

async function expectNonceSpent({ port }: DevMiner, { call }: Answered): Promise<void> {
  const connection = await RawConnection.open(port)
  connection.write(requestText(call.headers, call.body))
  // The last one: on a machine that is busy with other things the start took longer than the window.
  expect(['nonce_replayed', 'nonce_from_before', 'nonce_window']).toContain(codeOf(await connection.next()))
  connection.destroy()
}

/** What one may hear of a miner that was killed and started again: of venues that were slow, of nothing that is broken. */
const harmless = /^(venue|price|minutes|forecast|prediction)[._]|^stream/

/** On a machine that is busy with other things the nonce file may open late. */
function isHarmless({ event, ...fields }: LoggedEvent): boolean {
  return harmless.test(event) || (event === 'nonces.incomplete' && /^no answer within/.test(String(fields['reason'])))
}

class Tally {
  readonly #file: string | undefined
  readonly readyMs: number[] = []
  readonly ownReadyMs: number[] = []
  firstReadyMs: number[] = []
  kills: Record<string, number> = {}
  heard: Record<string, number> = {}
  refused: Record<string, number> = {}
  answered = 0
  cut = 0
  records = 0
  entries = 0
  stateRows = 0
  unpersisted = 0

  constructor(path: string | undefined) {
    this.#file = path
    if (path !== undefined && existsSync(path)) Object.assign(this, JSON.parse(readFileSync(path, 'utf8')))
  }

  killed(kind: KillPlan['kind'], where: 'start' | 'load'): void {
    count(this.kills, `${kind}, ${where}`)
  }

  ready({ startup }: DevMiner, isFirst: boolean): void {
    if (isFirst) this.firstReadyMs.push(startup.wallMs)
    else {
      this.readyMs.push(startup.wallMs)
      this.ownReadyMs.push(startup.wallMs - startup.crowdedOutMs)
    }
  }

  take({ complaints }: DevMiner, { answered, refused, cut }: LoadResult, unpersisted: number): void {
    this.answered += answered.length
    this.cut += cut
    this.unpersisted += unpersisted
    for (const [code, times] of refused) count(this.refused, code, times)
    expect(complaints.filter((entry) => !isHarmless(entry))).toEqual([])
    for (const { event } of complaints) count(this.heard, event)
    if (this.#file !== undefined) writeFileSync(this.#file, JSON.stringify(this))
  }

  report(): void {
    const total = Object.values(this.kills).reduce((sum, times) => sum + times, 0)
    console.log(
      [
        `${total} kills ${JSON.stringify(this.kills)}: ${this.answered} predictions answered in full, 0 lost,`,
        `${this.unpersisted} said to be unpersisted, ${this.cut} cut off, ${this.records} found again at the end;`,
        `${this.entries} entries of the ledger, 0 lost; refused ${JSON.stringify(this.refused)};`,
        `${this.stateRows} state rows, all equal to a replay; first starts ${describeSpread(this.firstReadyMs)};`,
        `ready again after ${describeSpread(this.readyMs)}, without the time that others had the processors`,
        `${describeSpread(this.ownReadyMs)}; heard ${JSON.stringify(this.heard)}`,
      ].join(' '),
    )
  }
}

function count(counts: Record<string, number>, name: string, times = 1): void {
  counts[name] = (counts[name] ?? 0) + times
}
