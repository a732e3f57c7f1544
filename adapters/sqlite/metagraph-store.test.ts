import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { MetagraphSnapshot } from '#core/bittensor/chain/metagraph'
import { registrationsOf } from '#core/tuning/shadow/hands'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestClock } from '#tests/support/test-clock'
import { openDatabase } from './database.ts'
import { SqliteMetagraphStore } from './metagraph-store.ts'
import { SqliteRegistrationStore } from './registration-store.ts'

const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')

function aDatabase(path = join(temporaryFolder(), 'db.sqlite')) {
  const open = () => openDatabase({ path, migrationsDir, clock: new TestClock() })
  return { open }
}

const aSnapshot = (over: Partial<MetagraphSnapshot> = {}): MetagraphSnapshot => ({
  netuid: 50,
  genesisHash: '0xaa',
  specVersion: 424,
  block: 1_000,
  takenAtMs: 1_700_000_000_000,
  neurons: [0, 1, 2].map((uid) => ({
    uid,
    hotkey: `5Hot${uid}`,
    coldkey: '5Cold',
    stakeTao: 65_000.000_000_001 + uid,
    alphaStakeTao: uid / 3,
    taoStakeTao: 0,
    hasPermit: uid > 0,
    axonIp: '203.0.113.9',
    axonPort: 8091,
    axonBlock: 999,
    lastUpdateBlock: 990,
    registeredAtBlock: 5,
    emissionAlpha: 0.1,
    incentive: 1 / 3,
    dividends: 0,
  })),
  ...over,
})

describe('registrations', () => {
  const hourMs = 3_600_000
  const timesOf = (db: ReturnType<ReturnType<typeof aDatabase>['open']>, uid: number) =>
    registrationsOf(new SqliteRegistrationStore(db).list())?.registeredAtMs(uid)

  it('stay known when a later metagraph has another holder, of the network of the newest metagraph', () => {
    const db = aDatabase().open()
    expect(timesOf(db, 1)).toBeUndefined()
    const store = new SqliteMetagraphStore(db)
    store.save(aSnapshot({ netuid: 247, takenAtMs: 1_600_000_000_000 }))
    store.save(aSnapshot())
    const taken = aSnapshot().takenAtMs
    for (const [block, hotkey] of [
      [1_300, '5New'],
      [1_600, '5Newer'],
    ] as const) {
      const neurons = aSnapshot().neurons.map((neuron) =>
        neuron.uid === 1 ? { ...neuron, hotkey, registeredAtBlock: block - 10 } : neuron,
      )
      store.save(aSnapshot({ block, takenAtMs: taken + (block - 1_000) * 12_000, neurons }))
    }
    expect(timesOf(db, 1)).toEqual([taken - 995 * 12_000, taken + 290 * 12_000, taken + 590 * 12_000])
    expect(timesOf(db, 2)).toEqual([taken - 995 * 12_000])
    db.close()
  })
  it('of the public list add those that the chain did not show, and none twice', () => {
    const db = aDatabase().open()
    new SqliteMetagraphStore(db).save(aSnapshot())
    const chainMs = aSnapshot().takenAtMs - 995 * 12_000
    const publicRows = [
      { uid: 1, hotkey: '5Hot1', registeredAtMs: chainMs + hourMs / 2 },
      { uid: 1, hotkey: '5Older', registeredAtMs: chainMs - 100 * hourMs },
    ]
    for (let i = 0; i < 2; i += 1) new SqliteRegistrationStore(db).savePublic(publicRows)
    expect(timesOf(db, 1)).toEqual([chainMs - 100 * hourMs, chainMs])
    db.close()
  })
})

describe('SqliteMetagraphStore', () => {
  it('gives back after a restart what it was given, to the last bit', () => {
    const { open } = aDatabase()
    const before = open()
    new SqliteMetagraphStore(before).save(aSnapshot())
    before.close()
    const db = open()
    expect(new SqliteMetagraphStore(db).latest(50, '0xaa')).toEqual(aSnapshot())
    db.close()
  })
  it('replaces the old one whole, and keeps those of other subnets and chains', () => {
    const db = aDatabase().open()
    const store = new SqliteMetagraphStore(db)
    store.save(aSnapshot())
    store.save(aSnapshot({ netuid: 51, block: 7 }))
    store.save(aSnapshot({ genesisHash: '0xbb', block: 8 }))
    const shorter = aSnapshot({ block: 1_001, neurons: aSnapshot().neurons.slice(0, 1) })
    store.save(shorter)
    expect(store.latest(50, '0xaa')).toEqual(shorter)
    expect(store.latest(51, '0xaa')?.block).toBe(7)
    expect(store.latest(50, '0xbb')?.block).toBe(8)
    expect(store.latest(52, '0xaa')).toBeUndefined()
    db.close()
  })
  it('keeps the old one when the new one cannot be written', () => {
    const db = aDatabase().open()
    const store = new SqliteMetagraphStore(db)
    store.save(aSnapshot())
    const [first, second] = aSnapshot().neurons
    const twice = aSnapshot({ block: 1_001, neurons: [first!, { ...second!, hotkey: first!.hotkey }] })
    expect(() => store.save(twice)).toThrow(/UNIQUE/)
    expect(store.latest(50, '0xaa')).toEqual(aSnapshot())
    db.close()
  })
})
