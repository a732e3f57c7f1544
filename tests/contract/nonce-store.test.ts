import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { SqliteNonceStore } from '#adapters/sqlite/nonce-store'
import type { NonceEntry, NonceStore } from '#core/bittensor/admission/nonce-store'
import { MemoryNonceStore } from '#tests/support/memory-nonce-store'
import { TestClock } from '#tests/support/test-clock'
import { openTestDatabase } from '#tests/support/test-database'

const entry = (changes: Partial<NonceEntry> = {}): NonceEntry => ({
  receiver: 'ours',
  scheme: 'v10',
  sender: 'theirs',
  lane: 'lane',
  nonceNs: 1_779_710_400_123_456_789n,
  ...changes,
})
const floor = (floorNs: bigint) => ({ receiver: 'ours', scheme: 'v10' as const, sender: 'theirs', floorNs })

describe.each<[string, () => NonceStore]>([
  ['SqliteNonceStore', () => new SqliteNonceStore(openTestDatabase())],
  ['MemoryNonceStore', () => new MemoryNonceStore()],
])('%s', (_name, open) => {
  it('keeps nonces to the last nanosecond, apart for each of our hotkeys', async () => {
    const store = open()
    await Promise.all([
      store.save(entry()),
      store.save(entry({ receiver: 'other' })),
      store.save(entry({ lane: 'second' })),
    ])
    expect((await store.load('ours')).entries).toHaveLength(2)
    expect((await store.load('other')).entries).toEqual([entry({ receiver: 'other' })])
    expect(await store.load('nobody')).toEqual({ entries: [], floors: [] })
  })

  it('keeps the greater nonce of a lane', async () => {
    const store = open()
    await store.save(entry({ nonceNs: 20n }))
    await store.save(entry({ nonceNs: 10n }))
    expect((await store.load('ours')).entries).toEqual([entry({ nonceNs: 20n })])
    await store.save(entry({ nonceNs: 30n }))
    expect((await store.load('ours')).entries).toEqual([entry({ nonceNs: 30n })])
  })

  it('forgets a lane and raises the floor, and never lowers it', async () => {
    const store = open()
    await store.save(entry({ nonceNs: 20n }))
    await store.forget([entry({ nonceNs: 20n })], [floor(20n)])
    expect(await store.load('ours')).toEqual({ entries: [], floors: [floor(20n)] })
    await store.forget([], [floor(10n)])
    expect((await store.load('ours')).floors).toEqual([floor(20n)])
  })

  it('does not forget a lane that has moved on', async () => {
    const store = open()
    const moved = store.save(entry({ nonceNs: 30n }))
    await store.forget([entry({ nonceNs: 20n })], [floor(20n)])
    await moved
    expect((await store.load('ours')).entries).toEqual([entry({ nonceNs: 30n })])
  })
})

describe('SqliteNonceStore', () => {
  it('writes what was asked for in one turn in one transaction', async () => {
    const db = openTestDatabase()
    const store = new SqliteNonceStore(db)
    let commits = 0
    const { transaction } = db
    db.transaction = ((...args: Parameters<typeof transaction>) => {
      commits += 1
      return transaction.apply(db, args)
    }) as typeof transaction
    await Promise.all(Array.from({ length: 100 }, (_, i) => store.save(entry({ lane: String(i) }))))
    expect(commits).toBe(1)
    expect((await store.load('ours')).entries).toHaveLength(100)
  })

  it('rejects every promise of a write that failed', async () => {
    const db = openTestDatabase()
    const store = new SqliteNonceStore(db)
    db.exec('drop table nonces')
    const results = await Promise.allSettled([store.save(entry()), store.save(entry({ lane: 'second' }))])
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected'])
  })

  it('waits for a lock of another connection without holding up the thread, and keeps the order', async () => {
    const db = openTestDatabase()
    const other = new SqliteDatabase(db.name)
    other.exec('begin immediate')
    const store = new SqliteNonceStore(db)
    const startedAtMs = performance.now()
    const first = store.save(entry({ nonceNs: 10n }))
    await new Promise((resolve) => setImmediate(resolve))
    // A blocking wait would have been two seconds.
    expect(performance.now() - startedAtMs).toBeLessThan(1_000)
    const second = store.save(entry({ nonceNs: 20n }))
    other.exec('commit')
    other.close()
    await Promise.all([first, second])
    expect((await store.load('ours')).entries).toEqual([entry({ nonceNs: 20n })])
  })

  it('rejects a write that has waited two seconds for a lock, and takes the next one', async () => {
    const db = openTestDatabase()
    const clock = new TestClock()
    const other = new SqliteDatabase(db.name)
    other.exec('begin immediate')
    const store = new SqliteNonceStore(db, clock)
    const results = Promise.allSettled([store.save(entry({ nonceNs: 10n }))])
    await new Promise((resolve) => setImmediate(resolve))
    await clock.advance(2_000)
    expect(await results).toMatchObject([{ status: 'rejected', reason: { code: 'STORE_BUSY' } }])
    other.exec('commit')
    other.close()
    await store.save(entry({ nonceNs: 20n }))
    expect((await store.load('ours')).entries).toEqual([entry({ nonceNs: 20n })])
  })
})
