import SqliteDatabase from 'better-sqlite3'
import { expect, it } from 'vitest'
import { SqliteNonceFile } from '#adapters/sqlite/nonce-file'
import type { NonceBatch, NonceEntry, NonceFloor } from '#core/bittensor/admission/nonce-store'
import { openTestNonces } from '#tests/support/test-database'

const entry = (changes: Partial<NonceEntry> = {}): NonceEntry => ({
  receiver: 'ours',
  scheme: 'v10',
  sender: 'theirs',
  lane: 'lane',
  nonceNs: 1_779_710_400_123_456_789n,
  ...changes,
})
const floor = (floorNs: bigint): NonceFloor => ({ receiver: 'ours', scheme: 'v10', sender: 'theirs', floorNs })
const batch = (changes: Partial<NonceBatch>): NonceBatch => ({
  entries: [],
  floors: [],
  floorNs: undefined,
  ...changes,
})

it('keeps nonces to the last nanosecond, apart for each of our hotkeys', () => {
  const db = openTestNonces()
  const entries = [entry(), entry({ receiver: 'other' }), entry({ lane: 'second' })]
  new SqliteNonceFile(db).write(batch({ entries }))
  const loaded = new SqliteNonceFile(db).load()
  expect(new Set(loaded.entries)).toEqual(new Set(entries))
  expect(loaded).toMatchObject({ floors: [], floorNs: 0n })
})

it('keeps the greater nonce of a lane', () => {
  const file = new SqliteNonceFile(openTestNonces())
  for (const nonceNs of [20n, 10n]) file.write(batch({ entries: [entry({ nonceNs })] }))
  expect(file.load().entries).toEqual([entry({ nonceNs: 20n })])
  file.write(batch({ entries: [entry({ nonceNs: 30n })] }))
  expect(file.load().entries).toEqual([entry({ nonceNs: 30n })])
})

it('forgets the lanes at or below a floor, and never lowers it', () => {
  const file = new SqliteNonceFile(openTestNonces())
  file.write(batch({ entries: [entry({ nonceNs: 20n }), entry({ lane: 'moved on', nonceNs: 30n })] }))
  file.write(batch({ floors: [floor(20n)], floorNs: 7n }))
  file.write(batch({ floors: [floor(10n)], floorNs: 5n }))
  expect(file.load()).toEqual({
    entries: [entry({ lane: 'moved on', nonceNs: 30n })],
    floors: [floor(20n)],
    floorNs: 7n,
  })
})

it('writes a batch whole or not at all', () => {
  const db = openTestNonces()
  db.exec("create trigger broken before insert on nonce_floors begin select raise(abort, 'broken'); end")
  const file = new SqliteNonceFile(db)
  expect(() => file.write(batch({ entries: [entry()], floors: [floor(1n)] }))).toThrow('broken')
  expect(new SqliteDatabase(db.name, { readonly: true }).prepare('select count(*) from nonces').pluck().get()).toBe(0)
})
