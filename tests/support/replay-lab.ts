/** A small made journal in a file, to be copied and replayed. */

import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { type Database, openDatabase } from '#adapters/sqlite/database'
import { dayMs, hourMs } from '#core/base/time/units'
import { parseModel, specFor, writeModel } from '#core/tuning/replay/model-spec'
import type { ReplayRequest } from '#core/tuning/replay/plan-replay'
import { servedModel } from '#core/tuning/replay/prediction-score'
import type { ReplayRun } from '#core/tuning/replay/run-replay'
import { openReplay } from '#tuner/compose-replay'
import { TunerConfig } from '#tuner/config'
import type { FieldReplay, ReplayContext, ReplaySettings } from '#tuner/replay/context'
import { type MadeJournalOptions, writeMadeJournal } from './made-journal.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { TestLogger } from './test-logger.ts'

const packageRoot = join(import.meta.dirname, '..', '..')

export const labStartAtMs = Date.UTC(2026, 9, 6)
export const labDays = 2
/** Everything is settled. */
export const labNowMs = labStartAtMs + (labDays + 1) * dayMs + 600_000

const nobody = { baseUrl: 'http://127.0.0.1:9' }

/** Nobody stands behind a venue: everything must come from what is recorded. No test waits for a second try. */
export const closedMarket = {
  ...Object.fromEntries(
    ['binance', 'hyperliquid', 'pythHermes', 'pythBenchmarks', 'pythPro', 'coingecko'].map((venue) => [venue, nobody]),
  ),
  synthApi: { ...nobody, monitoringUrl: nobody.baseUrl, tries: 1, requestsPerSecond: 100 },
}

export function openLabDatabase(path: string): Database {
  return openDatabase({ path, migrationsDir: join(packageRoot, 'migrations'), clock: systemClock })
}

export function makeLabJournal(path: string, options: Partial<MadeJournalOptions> = {}): number {
  const db = openLabDatabase(path)
  db.pragma('synchronous = off')
  const predictions = writeMadeJournal(db, systemClock, {
    startAtMs: labStartAtMs,
    days: labDays,
    assets: ['BTC', 'XAU'],
    dayEveryMs: 3 * hourMs,
    hourEveryMs: 3_600_000,
    pathCount: 32,
    isGapless: true,
    ...options,
  })
  db.pragma('wal_checkpoint(truncate)')
  db.close()
  return predictions
}

/** A copy of its own for a test, changed first if it likes. */
export function copyJournal(path: string, change: (db: Database) => void = () => {}): string {
  const copy = join(temporaryFolder(), 'journal.sqlite')
  copyFileSync(path, copy)
  const db = openLabDatabase(copy)
  change(db)
  db.close()
  return copy
}

export function openLab(
  dbPath: string,
  settings: ReplaySettings & { readonly nowMs?: number; readonly modelsDir?: string } = {},
): { readonly context: ReplayContext & FieldReplay; readonly clock: { nowMs(): number } } {
  const { nowMs = labNowMs, modelsDir, ...rest } = settings
  const models = modelsDir === undefined ? {} : { dir: modelsDir }
  const config = TunerConfig.parse({ db: { path: dbPath }, market: closedMarket, models })
  const clock = { ...systemClock, nowMs: () => nowMs }
  const context = openReplay({ clock, config, packageRoot, log: new TestLogger(), threads: 1 }, rest)
  return { context, clock }
}

export async function labRequest(
  context: ReplayContext,
  { model = servedModel, ...changes }: Partial<Omit<ReplayRequest, 'specOf'>> = {},
): Promise<ReplayRequest> {
  const all = { filter: { fromMs: labStartAtMs, toMs: labNowMs }, again: false, ...changes }
  if (model === servedModel) return { ...all, model, specOf: () => null }
  const asked = parseModel(model)
  const sources = await context.sourcesOf(asked)
  return { ...all, model: writeModel(asked, sources), specOf: (asset) => specFor(asked, asset, sources) }
}

export async function replayLab(
  dbPath: string,
  request: Partial<Omit<ReplayRequest, 'specOf'>> = {},
  settings: ReplaySettings & { readonly nowMs?: number; readonly modelsDir?: string } = {},
): Promise<ReplayRun> {
  const { context } = openLab(dbPath, {
    ...(request.regime === undefined ? {} : { regime: request.regime }),
    ...settings,
  })
  let isOpen = true
  const close = async (): Promise<void> => {
    if (isOpen) await context.close()
    isOpen = false
  }
  onTestFinished(close)
  const run = await context.run(await labRequest(context, request), {})
  await close()
  return run
}

/** The whole table of scores, facts and all, as one text a row; when it was scored only on request. */
export function dumpScores(dbPath: string, { withTime = false } = {}): string[] {
  const db = openLabDatabase(dbPath)
  try {
    const rows = db.prepare('select * from prediction_scores order by prediction_id, regime, model').all() as Record<
      string,
      unknown
    >[]
    return rows.map(({ facts, scored_at_ms, ...row }) =>
      JSON.stringify({
        ...row,
        facts: facts === null ? null : (facts as Buffer).toString('base64'),
        ...(withTime ? { scored_at_ms } : {}),
      }),
    )
  } finally {
    db.close()
  }
}
