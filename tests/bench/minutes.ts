/**
 * The minute store and its recorder: import of a file, a range of 30 days, the size of a year of 13 assets, and what the
 * recorder costs while nothing goes wrong. `peer`: the same file, read by the same reader, a row an insert.
 */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { systemClock } from '#adapters/clock/system-clock'
import { readMinuteFile } from '#adapters/minute-files/read-minute-file'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { dayMs, minuteMs } from '#core/base/time/units'
import { MinuteBatch } from '#core/market/minutes/minute-batch'
import type { MinuteSeries } from '#core/market/minutes/minute-store'
import { startMarketStandIn } from '#standins/market/server'
import { syntheticAssets } from '#standins/market/synthetic/synthetic-assets'
import { SyntheticMarket } from '#standins/market/synthetic/synthetic-market'
import { type BenchOptions, type BenchResult, rounded, timeRuns } from '#tests/support/bench'
import type { RecorderChildOptions, StepMessage, StepReport } from '#tests/support/recorder-child'
import { TestClock } from '#tests/support/test-clock'

export const description = 'minutes: bulk import, 30 days of one asset, a year of 13 assets, cost of the recorder'

const yearDays = 365
const rangeMinutes = 30 * 1_440
const importRounds = 7
const fillDays = 30
const settlingTicks = 45
const steadyTicks = 240
const originMs = Date.UTC(2025, 8, 1)
const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
const assets = syntheticAssets.map((asset) => asset.name)

export async function run(options: BenchOptions): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'volcast-bench-'))
  try {
    const market = new SyntheticMarket({ seed: 1n, originMs })
    return {
      ...(await measureImport(folder, market)),
      ...measureYear(folder, market, options),
      ...(await measureRecorder(folder)),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A year of one asset in the columns of an exchange's download. */
async function measureImport(folder: string, market: SyntheticMarket) {
  const lines = ['ts,close,open,high,low,volume']
  for (let i = 0; i < yearDays * 1_440; i += 1) {
    const atMs = originMs + i * minuteMs
    const close = market.minuteClose('BTC', atMs)!
    lines.push(`${atMs / 1_000},${close},${close},${close},${close},${(i % 997) / 100}`)
  }
  const text = `${lines.join('\n')}\n`
  const plain = join(folder, 'BTC.csv')
  const zipped = join(folder, 'BTC.csv.gz')
  writeFileSync(plain, text)
  writeFileSync(zipped, gzipSync(text))
  const series: MinuteSeries = { asset: 'BTC', venue: 'binanceSpot', symbol: 'BTCUSDT' }
  const rates: Record<'plain' | 'zipped' | 'peer', number[]> = { plain: [], zipped: [], peer: [] }
  // Taking turns: what else the machine does falls on all three alike.
  for (let round = 0; round < importRounds; round += 1) {
    for (const kind of ['zipped', 'plain', 'peer'] as const) {
      const path = join(folder, `${kind}-${round}.sqlite`)
      const db = openDatabase({ path, migrationsDir, clock: systemClock })
      db.exec(
        'create table peer (asset text not null, open_at_ms integer not null, close real not null, primary key (asset, open_at_ms)) strict',
      )
      const insert = db.prepare('insert into peer (asset, open_at_ms, close) values (?, ?, ?)')
      const store = new SqliteMinuteStore(db, systemClock)
      const startedAt = performance.now()
      const batch = await readMinuteFile(kind === 'zipped' ? zipped : plain)
      if (kind === 'peer') {
        db.transaction(() => {
          for (const [day, slots] of batch.days) {
            for (const [slot, close] of slots.entries())
              if (close > 0) insert.run('BTC', day * dayMs + slot * minuteMs, close)
          }
        })()
      } else {
        store.write([{ series, batch, origin: 'imported' }])
      }
      rates[kind].push((batch.closes * 1_000) / (performance.now() - startedAt))
      db.close()
      rmSync(path)
    }
  }
  return {
    import_rows_per_s: Math.round(median(rates.zipped)),
    import_rows_per_s_lowest: Math.round(Math.min(...rates.zipped)),
    import_plain_rows_per_s: Math.round(median(rates.plain)),
    peer_rows_per_s: Math.round(median(rates.peer)),
    import_vs_peer: rounded(median(rates.plain) / median(rates.peer), 2),
  }
}

function measureYear(folder: string, market: SyntheticMarket, options: BenchOptions) {
  const path = join(folder, 'year.sqlite')
  let db = openDatabase({ path, migrationsDir, clock: systemClock })
  let store = new SqliteMinuteStore(db, systemClock)
  const seriesOf = (asset: string): MinuteSeries => ({ asset, venue: 'files', symbol: asset })
  let closes = 0
  // Day by day over all assets, as recording lays them down.
  for (let day = 0; day < yearDays; day += 1) {
    const writes = assets.map((asset) => {
      const batch = new MinuteBatch()
      for (let minute = 0; minute < 1_440; minute += 1) {
        const atMs = originMs + day * dayMs + minute * minuteMs
        const close = market.minuteClose(asset, atMs)
        if (close === undefined) batch.declareGap(atMs)
        else batch.setClose(atMs, close)
      }
      closes += batch.closes + batch.gaps
      return { series: seriesOf(asset), batch, origin: 'recorded' as const }
    })
    store.write(writes)
  }
  db.pragma('wal_checkpoint(truncate)')
  db.close()
  const yearMb = statSync(path).size / 2 ** 20
  db = openDatabase({ path, migrationsDir, clock: systemClock })
  store = new SqliteMinuteStore(db, systemClock)
  const timing = timeRuns(Math.max(options.runs, 100), 5, (i) => {
    const fromMs = originMs + ((i * 7_919) % (yearDays - 31)) * dayMs + (i % 1_440) * minuteMs
    const range = store.readCloses(seriesOf(assets[i % assets.length]!), fromMs, fromMs + (rangeMinutes - 1) * minuteMs)
    if (range.length !== rangeMinutes) throw new Error('a range of 30 days has 43,200 minutes')
  })
  db.close()
  return {
    range30d_ms: rounded(timing.medianMs),
    range30d_p90_ms: rounded(timing.p90Ms),
    year_mb: rounded(yearMb, 1),
    year_rows: closes,
  }
}

/** The real recorder and adapters in a process of their own, against the stand-in here, a minute a tick. */
async function measureRecorder(folder: string) {
  const startAtMs = originMs + 40 * dayMs + 4_000
  const clock = new TestClock(startAtMs)
  const feed = new SyntheticMarket({ seed: 2n, originMs: startAtMs - 35 * dayMs })
  const standIn = await startMarketStandIn({ feed, clock, realClock: systemClock })
  const options: RecorderChildOptions = {
    mode: 'stepped',
    dbPath: join(folder, 'recorder.sqlite'),
    standInUrl: standIn.url,
    assets,
    fillDays,
    rulesAtMs: Date.UTC(2026, 9, 1),
    startAtMs,
  }
  const child = fork(join(import.meta.dirname, '..', 'support', 'recorder-child.ts'), [JSON.stringify(options)], {
    execArgv: ['--import', 'tsx', '--expose-gc'],
  })
  const ended = new AbortController()
  child.once('exit', (code) => ended.abort(new Error(`the recorder ended with ${String(code)}`)))
  try {
    return await weigh(child, clock, ended.signal)
  } finally {
    child.removeAllListeners('exit')
    child.kill()
    await standIn.stop()
  }
}

/** Memory is what the process holds on top of itself before the recorder began, at the end of a tick. */
async function weigh(child: ChildProcess, clock: TestClock, ended: AbortSignal) {
  const idle = await nextReport(child, ended)
  const ticks = async (count: number, isCollected: boolean): Promise<StepReport[]> => {
    const reports: StepReport[] = []
    for (let i = 0; i < count; i += 1) {
      await clock.advance(minuteMs)
      child.send({ atMs: clock.nowMs(), isCollected } satisfies StepMessage)
      reports.push(await nextReport(child, ended))
    }
    return reports
  }
  const cpuOf = (reports: readonly StepReport[]) => reports.map((report) => report.cpuMs)
  const heldMb = (reports: readonly StepReport[]) => reports.map((report) => report.rssMb - idle.rssMb)
  const first = await ticks(settlingTicks, true)
  const rushed = await ticks(steadyTicks, false)
  const steady = await ticks(steadyTicks, true)
  return {
    recorder_cpu_pct: rounded((100 * median(cpuOf(steady))) / minuteMs, 4),
    recorder_cpu_pct_mean: rounded((100 * sumOf(cpuOf(steady))) / steadyTicks / minuteMs, 4),
    recorder_mb: rounded(median(heldMb(steady)), 1),
    recorder_mb_highest: rounded(Math.max(...heldMb(steady)), 1),
    recorder_mb_without_idle_minutes: rounded(median(heldMb(rushed)), 1),
    first_fill_cpu_ms: Math.round(sumOf(cpuOf(first))),
    first_fill_mb_highest: rounded(Math.max(...heldMb(first)), 1),
  }
}

async function nextReport(child: ChildProcess, ended: AbortSignal): Promise<StepReport> {
  const [report] = (await once(child, 'message', { signal: ended })) as [StepReport]
  return report
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}
