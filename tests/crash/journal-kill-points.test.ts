import { type ChildProcess, fork } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { openDatabase } from '#adapters/sqlite/database'
import { SqlitePredictionChain } from '#adapters/sqlite/prediction-chain'
import { SqliteJournalReader } from '#adapters/sqlite/prediction-reader'
import { verifyChain } from '#core/forecast/journal/prediction-chain'
import { alice, bob } from '#tests/support/hotkeys'
import { nextNonceNs } from '#tests/support/live-axon'
import { runsLong } from '#tests/support/long-tests'
import { outputOf } from '#tests/support/prompt-load'
import { RawConnection, requestText } from '#tests/support/raw-http'
import { pathTools, sha256 } from '#tests/support/served-prediction'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { isoSeconds, promptBody, v10Headers } from '#tests/support/validator-request'
import type { JournalChildReady, KillPoint } from './journal-child-worker.ts'

const assets = ['BTC', 'ETH', 'SOL', 'XAU']
const lanes = 4

/** An axon over the real journal that kills itself at a point which a signal from outside would rarely hit. */
async function startSubject(folder: string, kill: readonly [KillPoint, string]) {
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

/** Sends until the axon dies; the hashes of what was answered in full come back. */
async function load(port: number, lane: string): Promise<string[]> {
  const answered: string[] = []
  const connection = await RawConnection.open(port)
  for (;;) {
    const { headers, body } = nextRequest(lane)
    connection.write(requestText(headers, body))
    const answer = await connection.next()
    if (answer === undefined) return answered
    if (answer.status !== 200) throw new Error(`status ${answer.status}: ${answer.body}`)
    answered.push(sha256(Buffer.from(outputOf(answer.body))))
  }
}

/** Loads the axon until it is dead. */
async function loadUntilDead(subject: { child: ChildProcess; exited: Promise<void>; port: number }, round: number) {
  const names = Array.from({ length: lanes }, (_, lane) => `lane-${lane}-${round % 2}`)
  const answered = (await Promise.all(names.map((lane) => load(subject.port, lane)))).flat()
  await subject.exited
  return answered
}

function readJournal(folder: string, answered: readonly string[]) {
  expect(readdirSync(folder).filter((name) => name.includes('corrupt'))).toEqual([])
  const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
  const db = openDatabase({ path: join(folder, 'miner.sqlite'), migrationsDir, clock: systemClock })
  try {
    const reader = new SqliteJournalReader(db, pathTools)
    const ids = new Map(reader.list({}).map((record) => [record.outputHash, record.id]))
    const lost = answered.filter((outputHash) => !ids.has(outputHash))
    const unreadable = answered.flatMap((outputHash) => {
      const id = ids.get(outputHash)
      const reading = id === undefined ? undefined : reader.readPaths(id)
      return reading?.ok === false ? [reading] : []
    })
    const integrity = db.pragma('integrity_check', { simple: true })
    const { problems } = verifyChain(SqlitePredictionChain.find(db)!, (text) => sha256(Buffer.from(text)))
    return { integrity, lost, unreadable, problems, records: ids.size }
  } finally {
    db.close()
  }
}

describe.each<{ point: KillPoint; what: string }>([
  { point: 'handedOver', what: 'before the writer has it' },
  { point: 'committed', what: 'after the commit, before the answer' },
])('killed $what', ({ point }) => {
  it('holds what was answered, and nothing incomplete', async () => {
    const folder = temporaryFolder()
    let total = 0
    for (let round = 0; round < (runsLong ? 20 : 3); round += 1) {
      const answered = await loadUntilDead(await startSubject(folder, [point, String(5 + 3 * round)]), round)
      total += answered.length
      expect(readJournal(folder, answered)).toMatchObject({ integrity: 'ok', lost: [], unreadable: [], problems: [] })
    }
    expect(total).toBeGreaterThan(0)
  })
})
