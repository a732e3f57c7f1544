import { expect, it } from 'vitest'
import { dayMs, hourSeconds } from '#core/base/time/units'
import { predictionId } from '#core/forecast/journal/prediction-id'
import { aServed, pathTools, type ServedOptions } from '#tests/support/served-prediction'
import { TestClock } from '#tests/support/test-clock'
import { openTestDatabase } from '#tests/support/test-database'
import { SqliteJournalReader } from './prediction-reader.ts'
import { SqlitePredictionStore } from './prediction-store.ts'
import { SqlitePriceThinning } from './price-thinning.ts'
import { preparePrices } from './prices-blob.ts'
import { SqliteScoreStore } from './score-store.ts'
import { releasePages, unusedPages } from './unused-pages.ts'

const everything = { scoredBeforeMs: Number.MAX_SAFE_INTEGER, mostBytes: 0 }

function aJournal() {
  const db = openTestDatabase()
  const clock = new TestClock()
  const store = new SqlitePredictionStore(db, clock)
  const reader = new SqliteJournalReader(db, pathTools)
  const scores = new SqliteScoreStore(db)
  // Each look at the clock finds it 20 ms later.
  let looks = 0
  const thinning = new SqlitePriceThinning(db, pathTools, () => 20 * looks++)
  let hours = 0
  const keep = async (options: ServedOptions & { samplerVersion?: number; isOtherSeed?: boolean } = {}) => {
    hours += 1
    await clock.advance(1)
    const startAtSeconds = Date.UTC(2026, 8, 22) / 1_000 + hours * hourSeconds
    const { served, outputJson } = aServed({ ...options, prompt: { startAtSeconds, ...options.prompt } })
    const prepared = preparePrices(outputJson, served.outputHash)
    if (!prepared.ok) throw new Error(prepared.reason)
    const recipe = {
      ...served.recipe,
      ...(options.isOtherSeed === true ? { seed: 99n } : {}),
      ...(options.samplerVersion === undefined ? {} : { samplerVersion: options.samplerVersion }),
    }
    const record = { ...served, recipe, id: predictionId(served.prompt, served.outputHash), reason: 'all' as const }
    expect(store.write([{ record, prices: prepared.prices }], 0).ok).toBe(true)
    return record.id
  }
  const score = (id: string, scoredAtMs = 0, model = 'served') =>
    scores.saveScores([
      {
        ...{ predictionId: id, regime: 'r', model, asset: 'BTC', startAtMs: 0, timeLengthSeconds: 3_600 },
        ...{ competition: '', outcome: { kind: 'problem', problem: 'lastMissing', detail: '' }, scoredAtMs },
      },
    ])
  const dropAll = (limits = everything) => {
    let unrepeatable = 0
    for (;;) {
      const step = thinning.drop(limits)
      unrepeatable += step.unrepeatable
      if (step.done === 0) return unrepeatable
    }
  }
  const stored = () => db.prepare<[], string>('select prediction_id from prediction_paths').pluck().all().sort()
  return { db, reader, thinning, keep, score, dropAll, stored }
}

it('drops the prices of scored predictions, which are then made again to the last bit', async () => {
  const { reader, keep, score, dropAll, stored } = aJournal()
  const scored = await keep()
  const open = await keep()
  score(scored)
  // A score of another model says nothing about the served paths.
  score(open, 0, 'seed')
  const before = reader.readPaths(scored)
  expect(dropAll()).toBe(0)
  expect(stored()).toEqual([open])
  const after = reader.readPaths(scored)
  expect(after).toMatchObject({ ok: true, origin: 'recipe' })
  expect(before.ok && after.ok && after.paths.values).toEqual(before.ok && before.paths.values)
})

it('keeps prices that come out differently, tries them once, and says how many there are', async () => {
  const { reader, thinning, keep, score, dropAll, stored } = aJournal()
  const other = await keep({ isOtherSeed: true })
  const newer = await keep({ samplerVersion: 99 })
  const plain = await keep()
  for (const id of [other, newer, plain]) score(id)
  const before = [other, newer].map((id) => reader.readPaths(id))
  expect(dropAll()).toBe(1)
  expect(stored()).toEqual([other, newer].sort())
  expect([other, newer].map((id) => reader.readPaths(id))).toEqual(before)
  expect(thinning.drop(everything)).toEqual({ done: 0, unrepeatable: 0 })
  expect(reader.summarize().unrepeatable).toBe(2)
})

it('takes the age from the score, and the oldest first when there are too many bytes', async () => {
  const { db, keep, score, dropAll, stored } = aJournal()
  const ids = []
  for (let i = 0; i < 6; i += 1) ids.push(await keep({ seed: BigInt(i + 1) }))
  for (const [i, id] of ids.entries()) score(id, i * dayMs)
  dropAll({ scoredBeforeMs: 2 * dayMs, mostBytes: Number.MAX_SAFE_INTEGER })
  expect(stored()).toEqual(ids.slice(2).sort())
  const sizes = db.prepare<[], number>('select byte_count from prediction_paths order by stored_at_ms').pluck().all()
  dropAll({ scoredBeforeMs: 0, mostBytes: sizes[2]! + sizes[3]! })
  expect(stored()).toEqual(ids.slice(4).sort())
})

it('does a few at once at most', async () => {
  const { thinning, keep, score } = aJournal()
  for (let i = 0; i < 8; i += 1) score(await keep({ seed: BigInt(i + 1) }))
  expect([1, 2, 3, 4].map(() => thinning.drop(everything).done)).toEqual([3, 3, 2, 0])
})

it('makes a new file smaller, step by step, and leaves some room for what comes', async () => {
  const { db, keep, score, dropAll } = aJournal()
  const prompt = { lengthSeconds: 86_400, stepSeconds: 300, pathCount: 1_000 }
  for (let i = 0; i < 6; i += 1) score(await keep({ prompt, seed: BigInt(i + 1) }))
  dropAll()
  const pages = () => db.pragma('page_count', { simple: true }) as number
  const before = pages()
  const { bytes, canShrink } = unusedPages(db)
  expect(canShrink).toBe(true)
  expect(bytes).toBeGreaterThan(2_000_000)
  let steps = 0
  while (releasePages(db, 500_000) > 0) steps += 1
  expect(steps).toBeGreaterThan(1)
  expect(unusedPages(db).bytes).toBeLessThan(1_600_000)
  expect(pages()).toBeLessThan(before - 200)
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
})
