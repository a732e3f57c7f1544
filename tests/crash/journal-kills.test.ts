import { type ChildProcess, fork } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteJournalReader } from '#adapters/sqlite/prediction-reader'
import { SplitMix64 } from '#core/random/rng'
import { alice, bob } from '#tests/support/hotkeys'
import { nextNonceNs } from '#tests/support/live-axon'
import { runsLong } from '#tests/support/long-tests'
import { codeOf, RawConnection, requestText } from '#tests/support/raw-http'
import { pathTools, sha256 } from '#tests/support/served-prediction'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { isoSeconds, promptBody, v10Headers } from '#tests/support/validator-request'
import type { JournalChildReady, KillPoint } from './journal-child-worker.ts'

const kills = Number(process.env['VOLCAST_CRASH_KILLS'] ?? (runsLong ? 500 : 15))
const seed = BigInt(process.env['VOLCAST_TEST_SEED'] ?? 20_260_922)
const assets = ['BTC', 'ETH', 'SOL', 'XAU']
const lanes = 4

/** What the client of a killed miner holds in its hands. */
interface Answered {
  readonly headers: Record<string, string>
  readonly body: string
  readonly outputHash: string
}

/** The process under test; the real miner with a wallet and a market could stand here. */
async function startSubject(folder: string, kill: readonly string[] = []) {
  const child = fork(join(import.meta.dirname, 'journal-child-worker.ts'), [folder, ...kill], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const ready = await new Promise<JournalChildReady>((resolve, reject) => {
    child.once('message', (message) => resolve(message as JournalChildReady))
    child.once('exit', (code) => reject(new Error(`the axon ended with ${code}`)))
  })
  return { child, exited, ...ready }
}

let prompts = 0

/** No two alike, so that none shares a forecast; mostly hours, some days. */
function nextRequest(lane: string): { headers: Record<string, string>; body: string } {
  prompts += 1
  const isDay = prompts % 5 === 0
  const body = promptBody({
    asset: assets[prompts % assets.length],
    start_time: isoSeconds(Date.now() + 58_000 + (prompts % 3_000) * 1_000),
    time_increment: isDay ? 300 : 60,
    time_length: isDay ? 86_400 : 3_600,
    num_simulations: 100,
  })
  const headers = v10Headers({
    sender: alice,
    receiver: bob.address,
    nonceNs: nextNonceNs(),
    uuid: lane,
    timeout: '115',
  })
  return { headers, body }
}

/** Sends until the axon dies; what was answered in full comes back. */
async function load(port: number, lane: string): Promise<Answered[]> {
  const answered: Answered[] = []
  const connection = await RawConnection.open(port)
  for (;;) {
    const { headers, body } = nextRequest(lane)
    connection.write(requestText(headers, body))
    const answer = await connection.next()
    if (answer === undefined) return answered
    if (answer.status !== 200) throw new Error(`status ${answer.status}: ${answer.body}`)
    answered.push({ headers, body, outputHash: sha256(Buffer.from(outputOf(answer.body))) })
  }
}

/** The bytes of `simulation_output`, as they were sent. */
function outputOf(body: string): string {
  const name = '"simulation_output":'
  const from = body.indexOf(name) + name.length
  return body.slice(from, body.indexOf(']]', from) + 2)
}

/** Loads the axon until it is dead. */
async function loadUntilDead(subject: { child: ChildProcess; exited: Promise<void>; port: number }, round: number) {
  const names = Array.from({ length: lanes }, (_, lane) => `lane-${lane}-${round % 2}`)
  const answered = (await Promise.all(names.map((lane) => load(subject.port, lane)))).flat()
  await subject.exited
  return answered
}

function readJournal(folder: string, answered: readonly Answered[]) {
  expect(readdirSync(folder).filter((name) => name.includes('corrupt'))).toEqual([])
  const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
  const db = openDatabase({ path: join(folder, 'miner.sqlite'), migrationsDir, clock: systemClock })
  try {
    const reader = new SqliteJournalReader(db, pathTools)
    const ids = new Map(reader.list({}).map((record) => [record.outputHash, record.id]))
    const lost = answered.filter(({ outputHash }) => !ids.has(outputHash))
    const unreadable = answered.flatMap(({ outputHash }) => {
      const id = ids.get(outputHash)
      const reading = id === undefined ? undefined : reader.readPaths(id)
      return reading?.ok === false ? [reading] : []
    })
    return { integrity: db.pragma('integrity_check', { simple: true }), lost, unreadable, records: ids.size }
  } finally {
    db.close()
  }
}

async function expectNonceSpent(port: number, answered: Answered | undefined): Promise<void> {
  if (answered === undefined) return
  const connection = await RawConnection.open(port)
  connection.write(requestText(answered.headers, answered.body))
  expect(codeOf(await connection.next())).toBe('nonce_replayed')
  connection.destroy()
}

it(`has every prediction that was answered in full after kill -9 at ${kills} random moments under load (seed ${seed})`, {
  timeout: 60_000 + kills * 15_000,
}, async () => {
  const folder = temporaryFolder()
  const rng = new SplitMix64(seed)
  const readyTimes: number[] = []
  let total = 0
  let records = 0
  let subject = await startSubject(folder)
  for (let kill = 0; kill < kills; kill += 1) {
    const { child } = subject
    setTimeout(() => child.kill('SIGKILL'), rng.next() * 2_000)
    const answered = await loadUntilDead(subject, kill)
    total += answered.length
    const journal = readJournal(folder, answered)
    expect(journal).toMatchObject({ integrity: 'ok', lost: [], unreadable: [] })
    expect(journal.records).toBeGreaterThanOrEqual(total)
    records = journal.records

    subject = await startSubject(folder)
    readyTimes.push(subject.startMs)
    await expectNonceSpent(subject.port, answered.at(-1))
  }
  readyTimes.sort((a, b) => a - b)
  const median = readyTimes[readyTimes.length >> 1]!
  console.log(
    `${kills} kills, ${total} predictions answered in full, 0 lost, ${records} in the journal; ` +
      `ready again in ${median.toFixed(0)} ms (median), ${readyTimes.at(-1)!.toFixed(0)} ms at most`,
  )
  expect(total).toBeGreaterThan(kills * 3)
  expect(median).toBeLessThan(3_000)
})

describe.each<{ point: KillPoint; what: string }>([
  { point: 'handedOver', what: 'before the writer has it' },
  { point: 'committed', what: 'after the commit, before the answer' },
])('killed $what', ({ point }) => {
  it('has what was answered, and no half of the rest', async () => {
    const folder = temporaryFolder()
    let total = 0
    for (let round = 0; round < (runsLong ? 20 : 3); round += 1) {
      const answered = await loadUntilDead(await startSubject(folder, [point, String(5 + 3 * round)]), round)
      total += answered.length
      expect(readJournal(folder, answered)).toMatchObject({ integrity: 'ok', lost: [], unreadable: [] })
    }
    expect(total).toBeGreaterThan(0)
  })
})
