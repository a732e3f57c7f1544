import { describe, expect, it } from 'vitest'
import { MemoryNonceStore } from '#tests/support/memory-nonce-store'
import { NonceBook } from './nonce-book.ts'

const second = 1_000_000_000n
const rules = { receiver: 'us', retentionNs: 124n * second, maxLanesPerSender: 3, doubt: () => undefined }
const key = (lane: string, sender = 'them') => ({ scheme: 'v10' as const, sender, lane })

describe('NonceBook', () => {
  it('forgets the oldest lane of a sender that opens too many, and takes nothing at or below it again', async () => {
    const book = await NonceBook.open(new MemoryNonceStore(), rules)
    const now = 1_000n * second
    for (const [i, lane] of ['a', 'b', 'c', 'd'].entries()) {
      expect(book.take(key(lane), now + BigInt(i), now).taken).toBe(true)
    }
    expect(book.refusalOf(key('a'), now)).toBe('nonce_replayed')
    expect(book.refusalOf(key('e'), now)).toBe('nonce_replayed')
    expect(book.refusalOf(key('e'), now + 1n)).toBeUndefined()
    expect(book.refusalOf(key('d'), now + 3n)).toBe('nonce_replayed')
    expect(book.refusalOf(key('a', 'another'), now)).toBeUndefined()
  })

  it('forgets nothing by age while the clock is in doubt', async () => {
    const store = new MemoryNonceStore()
    let doubt: string | undefined = 'it has jumped'
    const book = await NonceBook.open(store, { ...rules, doubt: () => doubt })
    book.take(key('a'), 5n * second, 5n * second)
    // A year ahead for a moment.
    const aheadNs = 31_536_000n * second
    book.take(key('a', 'another'), 6n * second, aheadNs)
    book.prune(aheadNs)
    expect(store.entries.size).toBe(2)
    doubt = undefined
    book.take(key('a', 'another'), 7n * second, aheadNs)
    expect(store.entries.size).toBe(0)
  })

  it('keeps the schemes of one sender apart', async () => {
    const book = await NonceBook.open(new MemoryNonceStore(), rules)
    book.take(key('a'), 5n, 5n)
    expect(book.take({ ...key('a'), scheme: 'btauth1' }, 5n, 5n).taken).toBe(true)
  })

  it('stays small by itself, and is the same after a restart', async () => {
    const store = new MemoryNonceStore()
    const book = await NonceBook.open(store, rules)
    for (let i = 1n; i <= 2_000n; i += 1n) book.take(key('lane', `sender ${i % 500n}`), i * second, i * second)
    // Pruned once a minute, so at most the retention and a minute are on record.
    expect(store.entries.size).toBeLessThanOrEqual(124 + 61)
    const again = await NonceBook.open(store, rules)
    for (let i = 1n; i <= 2_000n; i += 1n) {
      expect(again.refusalOf(key('lane', `sender ${i % 500n}`), i * second)).toBe('nonce_replayed')
    }
  })

  it('takes nothing from before a start whose records may be incomplete, in any lane', async () => {
    const store = new MemoryNonceStore()
    ;(await NonceBook.open(store, rules)).take(key('known'), 5n, 5n)
    store.floorOfAllNs = 100n
    const book = await NonceBook.open(store, rules)
    for (const lane of ['known', 'new']) {
      expect(book.take(key(lane), 100n, 100n)).toEqual({ taken: false, refusal: 'nonce_from_before' })
      expect(book.take(key(lane), 101n, 100n).taken).toBe(true)
    }
  })
})
