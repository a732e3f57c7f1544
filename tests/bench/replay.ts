/** A month of the journal scored from nothing, and once more with nothing new. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { openDatabase } from '#adapters/sqlite/database'
import { dayMs } from '#core/base/time/units'
import { syntheticAssets } from '#standins/market/synthetic/synthetic-assets'
import { type BenchOptions, type BenchResult, rounded } from '#tests/support/bench'
import { writeMadeJournal } from '#tests/support/made-journal'
import type { ReplayChildOptions, ReplayChildResult } from '#tests/support/replay-child'

export const description = 'score 30 days x 13 assets x both horizons of the journal, cold and with nothing new'

const defaultDays = 30
/** The rules of today hold for all of it. */
const startAtMs = Date.UTC(2026, 9, 1)
/** Of each asset and length; see tests/support/made-journal.ts. */
const ensembles = 8
const root = join(import.meta.dirname, '..', '..')

export async function run({ days: wanted = process.env['VOLCAST_BENCH_DAYS'] }: BenchOptions): Promise<BenchResult> {
  const days = wanted === undefined ? defaultDays : Number(wanted)
  if (!(Number.isInteger(days) && days >= 1 && days <= 365)) {
    throw new RangeError(`The number of days is "${wanted}", but must be from 1 to 365.`)
  }
  const folder = mkdtempSync(join(tmpdir(), 'volcast-bench-'))
  try {
    const dbPath = join(folder, 'journal.sqlite')
    const startedAtMs = performance.now()
    const predictions = makeJournal(dbPath, days)
    const makingSeconds = (performance.now() - startedAtMs) / 1000
    const options: ReplayChildOptions = { dbPath, nowMs: startAtMs + (days + 1) * dayMs + 600_000, days: days + 2 }
    const cold = runChild(options)
    const warm = runChild(options)
    const { report } = cold
    if (report.scored + report.problems.reduce((sum, { count }) => sum + count, 0) !== predictions) {
      throw new Error(`Of ${predictions} predictions ${report.scored} were scored: ${JSON.stringify(report)}`)
    }
    if (warm.report.known !== predictions) throw new Error(`The second run knew ${warm.report.known} predictions.`)
    return {
      predictions,
      cold_s: rounded(cold.seconds, 2),
      warm_s: rounded(warm.seconds, 2),
      rss_mb: rounded(Math.max(cold.peakMb, warm.peakMb), 1),
      scored: report.scored,
      unscored: Object.fromEntries(report.problems.map(({ reason, count }) => [reason, count])),
      cold_ms_per_prediction: rounded((1000 * cold.seconds) / predictions, 2),
      cold_cpu_s: rounded(cold.cpuSeconds, 2),
      warm_cpu_s: rounded(warm.cpuSeconds, 2),
      database_mb: Math.round(statSync(dbPath).size / 2 ** 20),
      making_s: rounded(makingSeconds, 1),
      days,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function makeJournal(path: string, days: number): number {
  const db = openDatabase({ path, migrationsDir: join(root, 'migrations'), clock: systemClock })
  // Only while it is made: nothing of it is promised to anybody.
  db.pragma('synchronous = off')
  const assets = syntheticAssets.map(({ name }) => name)
  const predictions = writeMadeJournal(db, systemClock, { startAtMs, days, assets, ensembles, isGapless: true })
  db.pragma('wal_checkpoint(truncate)')
  db.close()
  return predictions
}

function runChild(options: ReplayChildOptions): ReplayChildResult {
  const script = join(root, 'tests', 'support', 'replay-child.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', script, JSON.stringify(options)], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  if (status !== 0) throw new Error(`The replay ended with ${status}: ${stderr}`)
  return (JSON.parse(stdout.trim().split('\n').at(-1)!) as { result: ReplayChildResult }).result
}
