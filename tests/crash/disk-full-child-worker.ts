/** A journal on a small file system of its own: filled, asked, emptied, asked again. Prints one line of JSON. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { openDatabase } from '#adapters/sqlite/database'
import type { AppendOutcome } from '#core/forecast/journal/journal'
import { defaultJournalConfig } from '#daemon/journal/config'
import { ThreadedJournal } from '#daemon/journal/threaded-journal'
import { startWriterThread } from '#daemon/journal/writer-thread'
import { aServed } from '#tests/support/served-prediction'
import { WatchedLogger } from '#tests/support/watched-logger'

interface Count {
  readonly committed: number
  readonly unpersisted: number
}

export interface DiskFullReport {
  readonly before: Count
  readonly whileFull: Count & { readonly asked: number; readonly reasons: readonly string[] }
  readonly complaints: number
  readonly healthWhileFull: string
  readonly recoveredAfterMs: number
  readonly healthAfter: string
  readonly after: Count
  readonly records: number
  readonly integrity: string
}

const folder = process.argv[2]!
const dbPath = join(folder, 'miner.sqlite')
const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
const db = openDatabase({ path: dbPath, migrationsDir, clock: systemClock })
const log = new WatchedLogger()
const config = { ...defaultJournalConfig(), sampling: 'all' as const, minFreeBytes: 0 }
const startThread = () => startWriterThread({ dbPath, options: config })
const journal = await ThreadedJournal.start({ clock: systemClock, log, startThread, onDamage: () => {} }, config)

let seed = 0n
async function ask(count: number): Promise<AppendOutcome[]> {
  const outcomes: AppendOutcome[] = []
  for (let i = 0; i < count; i += 1) {
    seed += 1n
    const { served, outputJson } = aServed({ seed, prompt: { pathCount: 100 } })
    outcomes.push(await journal.append(served, outputJson).outcome)
  }
  return outcomes
}

function countOf(outcomes: readonly AppendOutcome[]): Count {
  const committed = outcomes.filter(({ kind }) => kind === 'committed').length
  return { committed, unpersisted: outcomes.filter(({ kind }) => kind === 'unpersisted').length }
}

/** Takes the last byte that there is. */
function fillDisk(path: string): void {
  for (let size = 1_048_576; size >= 512; ) {
    try {
      writeFileSync(path, Buffer.alloc(size), { flag: 'a' })
    } catch {
      size /= 2
    }
  }
}

const before = countOf(await ask(5))
const ballast = join(folder, 'ballast')
fillDisk(ballast)
const full = await ask(200)
const healthWhileFull = journal.health().state
rmSync(ballast)
const freeAtMs = performance.now()
await log.first('journal.recovered')
const recoveredAfterMs = performance.now() - freeAtMs
const after = countOf(await ask(5))
const count = () => db.prepare('select count(*) from predictions').pluck().get() as number
for (let waited = 0; count() < 210 && waited < 200; waited += 1) await systemClock.sleep(50)
const healthAfter = journal.health().state
await journal.stop()
const report: DiskFullReport = {
  before,
  whileFull: {
    ...countOf(full),
    asked: full.length,
    reasons: [...new Set(full.flatMap((outcome) => (outcome.kind === 'unpersisted' ? [outcome.reason] : [])))],
  },
  complaints: log.count('journal.store_full') + log.count('journal.store_unavailable'),
  healthWhileFull,
  recoveredAfterMs,
  healthAfter,
  after,
  records: count(),
  integrity: db.pragma('integrity_check', { simple: true }) as string,
}
db.close()
process.stdout.write(JSON.stringify(report))
