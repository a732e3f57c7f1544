import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { RealisedPathKey } from '#core/market/venues/realised-paths'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestClock } from '#tests/support/test-clock'
import { openDatabase } from './database.ts'
import { SqliteRealisedPathStore } from './realised-path-store.ts'

function openStore() {
  const clock = new TestClock()
  const migrationsDir = join(import.meta.dirname, '../../migrations')
  const db = openDatabase({ path: join(temporaryFolder(), 'paths.sqlite'), migrationsDir, clock })
  onTestFinished(() => void db.close())
  return { db, store: new SqliteRealisedPathStore(db, clock) }
}

const key: RealisedPathKey = {
  asset: 'HYPE',
  startAtMs: Date.UTC(2026, 8, 22, 10, 1),
  timeLengthSeconds: 180,
  stepSeconds: 60,
  series: { venue: 'hyperliquidSpot', symbol: '@107' },
}

it('gives back the very bits, holes included', () => {
  const { store } = openStore()
  const prices = Float64Array.of(46.975, Number.NaN, 0.1 + 0.2, 5e-324)
  store.save({ ...key, prices, origin: 'venue' })
  const found = store.find(key)!
  expect(found).toMatchObject({ ...key, origin: 'venue' })
  expect([...found.prices].map((price) => Object.is(price, Number.NaN) || price)).toEqual([
    46.975,
    true,
    0.30000000000000004,
    5e-324,
  ])
})

it('keeps the first path of a prompt, and another feed apart', () => {
  const { store } = openStore()
  const other = { ...key, series: { venue: 'pythPro', symbol: 'Crypto.HYPE/USD' } } as const
  store.save({ ...key, prices: Float64Array.of(1, 2, 3, 4), origin: 'venue' })
  store.save({ ...key, prices: Float64Array.of(9, 9, 9, 9), origin: 'archive' })
  expect([...store.find(key)!.prices]).toEqual([1, 2, 3, 4])
  expect(store.find(other)).toBeUndefined()
  store.save({ ...other, prices: Float64Array.of(5, 6, 7, 8), origin: 'archive' })
  expect(store.find(other)).toMatchObject({ origin: 'archive' })
})

it('says so when it cannot write', () => {
  const { db, store } = openStore()
  db.pragma('query_only = on')
  expect(() => store.save({ ...key, prices: Float64Array.of(1), origin: 'venue' })).toThrow(
    expect.objectContaining({ code: 'REALIZED_PATH_WRITE_FAILED' }),
  )
})
