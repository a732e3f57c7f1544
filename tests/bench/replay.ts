/** A month of the journal scored from nothing, once more with nothing new, and what it takes when the prices have gone. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { connectDatabase, openDatabase } from '#adapters/sqlite/database'
import { SqlitePriceThinning } from '#adapters/sqlite/price-thinning'
import { releasePages, unusedPages } from '#adapters/sqlite/unused-pages'
import { dayMs } from '#core/base/time/units'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { PathSampler, type SampledPaths } from '#core/forecast/paths/path-sampler'
import { writeHead } from '#core/forecast/paths/write-prices'
import { defaultJournalConfig } from '#daemon/journal/config'
import { keepBytes } from '#daemon/store/thin-prices'
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
    tell(`made ${predictions} predictions`)
    const makingSeconds = (performance.now() - startedAtMs) / 1000
    const options: ReplayChildOptions = { dbPath, nowMs: startAtMs + (days + 1) * dayMs + 600_000, days: days + 2 }
    const cold = runChild(options)
    tell(`cold: ${rounded(cold.seconds, 2)} s, ${rounded(cold.cpuSeconds, 2)} s of processor time`)
    const warm = runChild(options)
    tell(`with nothing new: ${rounded(warm.seconds, 2)} s`)
    const { report } = cold
    if (report.scored + report.problems.reduce((sum, { count }) => sum + count, 0) !== predictions) {
      throw new Error(`Of ${predictions} predictions ${report.scored} were scored: ${JSON.stringify(report)}`)
    }
    const databaseMb = megabytes(statSync(dbPath).size)
    const thinned = thin(dbPath, options.nowMs)
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
      // Without the start of the program, which is most of what the second run takes.
      cpu_ms_per_prediction: rounded((1000 * (cold.cpuSeconds - warm.cpuSeconds)) / predictions, 2),
      database_mb: databaseMb,
      month_default_mb: megabytes(monthBytes(thinned, days)),
      thinned_mb: megabytes(thinned.fileBytes),
      thinned_prices_mb: megabytes(thinned.priceBytes),
      thinning_s: thinned.seconds,
      making_s: rounded(makingSeconds, 1),
      days,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A month takes minutes: who stops it knows what was measured so far. */
function tell(sentence: string): void {
  console.error(`replay: ${sentence}`)
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

interface Thinned {
  readonly fileBytes: number
  readonly priceBytes: number
  /** Room for the next prices, which the file does not give back. */
  readonly unusedBytes: number
  readonly seconds: number
}

/**
 * What the miner's retention leaves of it at default settings, each prediction proved by its hash. All were scored just
 * now, so that only the limit in bytes lets prices go: the most that a month can take.
 */
function thin(path: string, nowMs: number): Thinned {
  const startedAtMs = performance.now()
  const db = connectDatabase({ path })
  db.pragma('synchronous = off')
  const thinning = new SqlitePriceThinning(db, rememberingTools(), () => performance.now())
  const { pricesDays, pricesBytes: mostBytes } = defaultJournalConfig()
  const limits = { scoredBeforeMs: nowMs - pricesDays * dayMs, mostBytes }
  for (let isDone = false; !isDone; ) {
    const { done, unrepeatable } = thinning.drop(limits)
    if (unrepeatable > 0) throw new Error(`${unrepeatable} predictions could not be made again.`)
    isDone = done === 0
  }
  while (releasePages(db, keepBytes) > 0);
  db.pragma('wal_checkpoint(truncate)')
  const sum = db.prepare<[], number>('select coalesce(sum(byte_count), 0) from prediction_paths').pluck()
  const [priceBytes, unusedBytes] = [sum.get()!, unusedPages(db).bytes]
  db.close()
  const seconds = rounded((performance.now() - startedAtMs) / 1000, 1)
  return { fileBytes: statSync(path).size, priceBytes, unusedBytes, seconds }
}

/** Of a whole month this is the file itself. Of fewer days: records grow with the days, prices up to their limit. */
function monthBytes({ fileBytes, priceBytes, unusedBytes }: Thinned, days: number): number {
  const share = defaultDays / days
  const prices = Math.max(priceBytes, Math.min(priceBytes * share, defaultJournalConfig().pricesBytes))
  return (fileBytes - priceBytes - unusedBytes) * share + prices + unusedBytes
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20)
}

/** The journal takes the same few ensembles in turns: each is drawn and written once, and hashed for every prediction. */
function rememberingTools(): ConstructorParameters<typeof SqlitePriceThinning>[1] {
  const kernel = new PathKernel()
  const sampler = new PathSampler(kernel)
  const drawn = new Map<string, SampledPaths>()
  const rows = new Map<Float64Array, Uint8Array>()
  return {
    sampler: {
      sample: (request) => {
        const name = `${request.seed} ${request.startPrice}`
        const sampled = drawn.get(name) ?? sampler.sample(request)
        const kept = drawn.get(name) ?? { ...sampled, values: sampled.values.slice() }
        drawn.set(name, kept)
        return kept
      },
    },
    writePrices: (target, offset, text) => {
      const at = writeHead(target, offset, text)
      const known = rows.get(text.values)
      if (known !== undefined) {
        target.set(known, at)
        return { ok: true, end: at + known.length }
      }
      const written = kernel.writePrices(target, offset, text)
      if (written.ok) rows.set(text.values, target.slice(at, written.end))
      return written
    },
  }
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
