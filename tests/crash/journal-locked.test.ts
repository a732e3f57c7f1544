import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { openDatabase } from '#adapters/sqlite/database'
import { defaultJournalConfig } from '#daemon/journal/config'
import { ThreadedJournal } from '#daemon/journal/threaded-journal'
import { startWriterThread } from '#daemon/journal/writer-thread'
import { runsLong } from '#tests/support/long-tests'
import { aServed } from '#tests/support/served-prediction'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { WatchedLogger } from '#tests/support/watched-logger'

const lockMs = runsLong ? 10_000 : 5_000
const askEveryMs = 100
const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')

/** Another process that holds the database until it is asked to release it. */
async function lockElsewhere(path: string): Promise<ChildProcess> {
  const script = `const db = new (require('better-sqlite3'))(${JSON.stringify(path)})
    db.exec('begin exclusive'); process.send('locked'); process.on('message', () => { db.exec('commit'); process.exit() })`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await new Promise((resolve) => child.once('message', resolve))
  return child
}

it(`keeps the event loop free while another process holds the database for ${lockMs / 1_000} s, and writes afterwards`, async () => {
  const dbPath = join(temporaryFolder(), 'miner.sqlite')
  const db = openDatabase({ path: dbPath, migrationsDir, clock: systemClock })
  onTestFinished(() => void db.close())
  const log = new WatchedLogger()
  const config = { ...defaultJournalConfig(), sampling: 'all' as const, minFreeBytes: 0 }
  const startThread = () => startWriterThread({ dbPath, options: config })
  const journal = await ThreadedJournal.start({ clock: systemClock, log, startThread, onDamage: () => {} }, config)
  onTestFinished(() => journal.stop())
  const served = Array.from({ length: lockMs / askEveryMs }, (_, i) =>
    aServed({ seed: BigInt(i), prompt: { pathCount: 200 } }),
  )
  const delays = monitorEventLoopDelay({ resolution: 10 })

  const other = await lockElsewhere(dbPath)
  delays.enable()
  const waits: number[] = []
  const answers = []
  for (const { served: record, outputJson } of served) {
    const askedAtMs = performance.now()
    answers.push(
      journal.append(record, outputJson).outcome.then((outcome) => {
        waits.push(performance.now() - askedAtMs)
        return outcome
      }),
    )
    await systemClock.sleep(askEveryMs)
  }
  const outcomes = await Promise.all(answers)
  delays.disable()
  expect(journal.health()).toMatchObject({ state: 'degraded' })
  expect(outcomes.every((outcome) => outcome.kind === 'unpersisted' && outcome.reason.startsWith('busy'))).toBe(true)
  const p99 = delays.percentile(99) / 1e6
  const longestWait = Math.max(...waits)
  console.log(
    `${outcomes.length} predictions against a lock: event loop p99 ${p99.toFixed(1)} ms, ` +
      `longest wait of an answer ${longestWait.toFixed(0)} ms`,
  )
  expect(p99).toBeLessThan(50)
  expect(longestWait).toBeLessThan(config.waitMs + 1_000)

  other.send('let go')
  const recovered = await log.first('journal.recovered')
  expect(recovered).toMatchObject({ level: 'info' })
  await log.first('journal.recovered')
  while (db.prepare('select count(*) from predictions').pluck().get() !== served.length) await systemClock.sleep(50)
  expect(journal.health()).toMatchObject({ state: 'ok' })
})
