import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteJournalReader } from '#adapters/sqlite/prediction-reader'
import { predictionId } from '#core/forecast/journal/prediction-id'
import { readOutput, toMatrix } from '#core/forecast/journal/read-output'
import { regeneratePaths } from '#core/forecast/journal/regenerate-paths'
import { createPriceSourceLookup, createScoredSources } from '#core/market/venues/price-sources'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import type { PromptFields } from '#standins/validator/simulation-call'
import { recordedAssets as assets } from './built-in-assets.ts'
import type { Answered } from './prompt-load.ts'
import { pathTools, sha256 } from './served-prediction.ts'
import { bitsOf, VolatilityLab } from './volatility-lab.ts'

const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
const sourceOf = createPriceSourceLookup(
  createScoredSources(buildRegimeBook(builtInRegimes), { pythHistory: 'pythPro' }),
)

export interface LeftBehind {
  readonly integrity: unknown
  /** Answers that no record is of. */
  readonly lost: readonly string[]
  /** Records whose recipe or stored prices are not what was answered. */
  readonly different: readonly string[]
  readonly records: number
}

/** Looks into the database of a miner that has gone, for what was answered since the last look. */
export function lookIntoJournal(dbPath: string, answered: readonly Answered[]): LeftBehind {
  expect(readdirSync(dirname(dbPath)).filter((name) => /corrupt|suspect/.test(name))).toEqual([])
  const db = openDatabase({ path: dbPath, migrationsDir, clock: systemClock })
  try {
    const reader = new SqliteJournalReader(db, pathTools)
    const lost: string[] = []
    const different: string[] = []
    for (const { prompt, output, outputHash } of answered) {
      const id = idOf(prompt, outputHash)
      const record = reader.find(id)
      if (record?.outputHash !== outputHash) {
        lost.push(id)
        continue
      }
      const made = regeneratePaths(record, { ...pathTools, hash: sha256 })
      const stored = reader.readPaths(id)
      if (!made.ok || !stored.ok || !isSame(stored.paths.values, pricesOf(output))) different.push(id)
    }
    const records = db.prepare<[], number>('select count(*) from predictions').pluck().get()!
    return { integrity: db.pragma('integrity_check', { simple: true }), lost, different, records }
  } finally {
    db.close()
  }
}

/** How many of these predictions are on record still. */
export function countRecorded(dbPath: string, ids: Iterable<string>): number {
  const db = openDatabase({ path: dbPath, migrationsDir, clock: systemClock })
  try {
    const reader = new SqliteJournalReader(db, pathTools)
    return [...ids].filter((id) => reader.find(id) !== undefined).length
  } finally {
    db.close()
  }
}

/**
 * The stored volatility states, as a start takes them, against a replay of the stored minutes: on a copy, since a start
 * writes. Answers how many rows there were, and how many minutes.
 */
export async function lookIntoStates(dbPath: string, nowMs: number): Promise<{ rows: number; days: number }> {
  const lab = new VolatilityLab(nowMs, { assets, path: ':memory:' })
  lab.sources = (asset) => sourceOf(asset, nowMs)
  try {
    lab.db.prepare('attach ? as left_behind').run(dbPath)
    for (const table of ['minute_series', 'minute_days', 'minute_ranges', 'volatility_states']) {
      lab.db.exec(`insert into main.${table} select * from left_behind.${table}`)
    }
    lab.db.exec('detach left_behind')
    const rows = lab.store.readAll()
    expect(rows.filter(({ isIntact }) => !isIntact)).toEqual([])
    const states = await lab.start()
    const bits = assets.map((asset) => bitsOf(states, asset))
    await states.stop()
    expect(lab.log.entries.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
    lab.forgetStates()
    const replayed = await lab.start()
    expect(assets.map((asset) => bitsOf(replayed, asset))).toEqual(bits)
    await replayed.stop()
    const days = lab.db.prepare<[], number>('select count(*) from minute_days').pluck().get()!
    return { rows: rows.length, days }
  } finally {
    lab.db.close()
  }
}

export function idOf({ asset, ...fields }: PromptFields, outputHash: string): string {
  const { startAtSeconds, timeLengthSeconds: lengthSeconds, stepSeconds, pathCount } = fields
  return predictionId({ asset, startAtSeconds, lengthSeconds, stepSeconds, pathCount }, outputHash)
}

function pricesOf(output: Buffer): Float64Array {
  const reading = readOutput(output)
  if (!reading.ok) throw new Error(`the answer cannot be read: ${reading.detail}`)
  return toMatrix(reading.prices).values
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]))
}
