import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hourMs, hourSeconds } from '#core/base/time/units'
import { verifyChain } from '#core/forecast/journal/prediction-chain'
import { predictionId } from '#core/forecast/journal/prediction-id'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'
import { makeOldDatabase } from '#tests/support/old-database'
import { aServed } from '#tests/support/served-prediction'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestClock } from '#tests/support/test-clock'
import { openTestDatabase } from '#tests/support/test-database'
import { type Database, openDatabase } from './database.ts'
import { SqliteChainWriter, SqlitePredictionChain } from './prediction-chain.ts'
import { type PredictionRow, predictionColumns } from './prediction-row.ts'
import { SqlitePredictionStore } from './prediction-store.ts'

const hashText = (text: string) => createHash('sha256').update(text).digest('hex')

function recordAt(hour: number): PredictionRecord {
  const { served } = aServed({
    prompt: { startAtSeconds: hour * hourSeconds, pathCount: 2 },
    receivedAtMs: hour * hourMs,
  })
  return { ...served, id: predictionId(served.prompt, served.outputHash), reason: 'interval' }
}

/** A journal of records that began at these hours, in the order of writing. */
function aChain(...hours: number[]) {
  return chainOf(openTestDatabase(), ...hours)
}

function chainOf(db: Database, ...hours: number[]) {
  const store = new SqlitePredictionStore(db, new TestClock())
  const write = (...more: number[]) =>
    expect(
      store.write(
        more.map((hour) => ({ record: recordAt(hour), prices: undefined })),
        0,
      ).ok,
    ).toBe(true)
  write(...hours)
  const verify = (knownHash?: string) => verifyChain(SqlitePredictionChain.find(db)!, hashText, knownHash)
  const deleteBefore = (hour: number, atMost = 100) => store.deleteBefore(hour * hourMs, atMost)
  /** As somebody with a database shell, who knows of the triggers. */
  const tamper = (sql: string) => {
    for (const name of db.prepare<[], string>("select name from sqlite_schema where type = 'trigger'").pluck().all())
      db.exec(`drop trigger ${name}`)
    db.exec(sql)
  }
  return { db, store, write, verify, deleteBefore, tamper }
}

const start = (hour: number) => `start_at_ms = ${hour * hourMs}`

describe('the chain of predictions', () => {
  it('has one entry for each record, in the order of writing, and the same one again adds none', () => {
    const { write, verify } = aChain(3, 1, 2)
    write(1, 4)
    expect(verify()).toMatchObject({
      ...{ isSound: true, problems: [], entryCount: 4, firstEntry: 1, lastEntry: 4 },
      ...{ withoutRecord: 0, olderRecords: 0, knownEntry: null },
    })
  })

  it('hashes a record as the first release with a chain did', () => {
    const { db, verify } = aChain()
    const row: PredictionRow = {
      ...{ id: 'BTC-3600s-20260922T120000Z-1f0c', asset: 'BTC', start_at_ms: 1_790_078_400_000 },
      ...{ time_length_seconds: 3_600, time_increment_seconds: 60, path_count: 1_000 },
      ...{ received_at_ms: 1_790_078_340_000, made_at_ms: 1_790_078_340_150, reason: 'all', event: null },
      ...{ rung: 'champion', model_name: 'blend', model_version: 'v', parameters_hash: 'p', parameters: '{}' },
      ...{ is_degraded: 0, price_usd: 63_251.37, price_published_at_ms: 1_790_078_339_000, price_venue: 'pyth' },
      ...{ sampler_version: 1, seed: '18446744073709551615', recipe: Buffer.from([1, 2, 3]) },
      ...{ output_hash: 'a'.repeat(64), stage_ms: '{}' },
    }
    const columns = predictionColumns.join(', ')
    db.prepare(`insert into predictions (${columns}) values (:${predictionColumns.join(', :')})`).run(row)
    new SqliteChainWriter(db).append(row)
    // Every chain out there depends on it: a column that is added later must leave it as it is.
    expect(verify()).toMatchObject({
      isSound: true,
      headHash: '22a038d5fe1d4fdea9ffb721c3a19882de864b6b27340de4cd71a13dd5a00a3e',
    })
  })

  it('goes on when another process has written in between', () => {
    const { db, write, verify } = aChain(1)
    chainOf(db, 2)
    write(3)
    expect(verify()).toMatchObject({ isSound: true, entryCount: 3 })
  })

  it('loses its oldest entries with their records, and still shows what was noted of the rest', () => {
    const { write, verify, deleteBefore } = aChain(1, 2, 3, 4)
    const noted = verify().headHash
    deleteBefore(3, 1)
    deleteBefore(3, 1)
    expect(verify()).toMatchObject({ isSound: true, entryCount: 2, firstEntry: 3, withoutRecord: 0 })
    write(5)
    expect(verify(noted)).toMatchObject({ isSound: true, knownEntry: 4, lastEntry: 5 })
  })

  it('keeps the last entry when every record is gone, so that the next one follows it', () => {
    const { write, verify, deleteBefore } = aChain(1, 2)
    deleteBefore(9)
    expect(verify()).toMatchObject({ isSound: true, entryCount: 1, firstEntry: 2, withoutRecord: 1 })
    write(3)
    expect(verify()).toMatchObject({ isSound: true, entryCount: 2, lastEntry: 3 })
  })

  it('holds where records came late or from an older miner, went by age, and came again', () => {
    const { write, verify, deleteBefore } = aChain(50, 10, 51)
    deleteBefore(20)
    expect(verify()).toMatchObject({ isSound: true, withoutRecord: 1 })
    write(10, 52)
    expect(verify()).toMatchObject({ isSound: true, entryCount: 5, withoutRecord: 1 })
    deleteBefore(51)
    expect(verify()).toMatchObject({ isSound: true, firstEntry: 3 })
  })

  it.each(predictionColumns.filter((column) => column !== 'id'))('sees another %s in a record', (column) => {
    const { tamper, verify, db } = aChain(1, 2, 3)
    const id = db
      .prepare<[], string>(`select id from predictions where ${start(2)}`)
      .pluck()
      .get()
    const [was] = db.prepare<[], unknown>(`select ${column} from predictions where id = '${id}'`).pluck().all()
    const value =
      column === 'recipe'
        ? "cast(substr(recipe, 1, length(recipe) - 1) || x'07' as blob)"
        : column === 'reason'
          ? "'all'"
          : column === 'event'
            ? "'my talk'"
            : column === 'rung'
              ? "'ewma'"
              : column === 'is_degraded'
                ? '1 - is_degraded'
                : column === 'output_hash'
                  ? `'${'0'.repeat(64)}'`
                  : typeof was === 'number'
                    ? `${column} + 1`
                    : `${column} || '0'`
    tamper(`update predictions set ${column} = ${value} where id = '${id}'`)
    expect(verify().problems).toEqual([`Entry 2 (${id}): its record is not the one that was written.`])
  })

  it.each([
    [
      'a record that is gone',
      `delete from predictions where ${start(2)}`,
      ['its record is gone, while earlier ones are there'],
    ],
    [
      'an entry that is gone',
      'delete from prediction_chain where id = 2',
      ['is where entry 2 should be', 'does not carry the hash', 'came into the journal beside the chain'],
    ],
    [
      'a record and its entry that are gone',
      `delete from predictions where ${start(2)}; delete from prediction_chain where id = 2`,
      ['is where entry 2 should be', 'does not carry the hash'],
    ],
    [
      'an entry with another hash of its record',
      `update prediction_chain set record_hash = '${'0'.repeat(64)}' where id = 2`,
      ['does not match its own hash', 'is not the one that was written'],
    ],
    [
      'an entry of another start',
      'update prediction_chain set start_at_ms = 0 where id = 2',
      ['does not match its own hash'],
    ],
    [
      'another hash',
      `update prediction_chain set hash = '${'0'.repeat(64)}' where id = 3`,
      ['does not match its own hash'],
    ],
    [
      'a cut beginning that was begun anew',
      `update prediction_chain set previous_hash = '${'1'.repeat(64)}' where id = 1`,
      ['does not carry the hash', 'does not match its own hash'],
    ],
  ])('sees %s', (_, sql, expected) => {
    const { tamper, verify } = aChain(1, 2, 3)
    tamper(sql)
    const { isSound, problems } = verify()
    expect(isSound).toBe(false)
    expect(problems).toHaveLength(expected.length)
    for (const [i, part] of expected.entries()) expect(problems[i]).toContain(part)
  })

  it('sees a cut end, and a whole new chain, only by a hash that was noted before', () => {
    const cut = aChain(1, 2, 3)
    const noted = cut.verify().headHash
    cut.tamper(`delete from predictions where ${start(3)}; delete from prediction_chain where id = 3`)
    expect(cut.verify().isSound).toBe(true)
    expect(cut.verify(noted).problems).toEqual([`No entry has the hash ${noted}.`])
    expect(aChain(1, 2, 4).verify(noted).isSound).toBe(false)
    expect(aChain(1, 2, 3).verify(noted)).toMatchObject({ isSound: true, knownEntry: 3 })
  })

  it('sees a record that was put beside it', () => {
    const { db, tamper, verify } = aChain(1, 2)
    const columns = predictionColumns.filter((column) => column !== 'id').join(', ')
    tamper(`insert into predictions (id, ${columns}) select 'forged', ${columns} from predictions where ${start(1)}`)
    expect(verify().problems).toEqual(['1 record came into the journal beside the chain: forged.'])
    expect(db.prepare('select count(*) from predictions').pluck().get()).toBe(3)
  })

  it('is guarded against our own mistakes', () => {
    const { db } = aChain(1, 2, 3)
    const h = `'${'0'.repeat(64)}'`
    expect(() => db.exec('update prediction_chain set start_at_ms = 0')).toThrow('append-only')
    expect(() => db.exec('delete from prediction_chain where id = 2')).toThrow('oldest entries')
    expect(() => db.exec('delete from prediction_chain where id = 1')).toThrow('after their records')
    expect(() => db.exec('delete from predictions; delete from prediction_chain')).toThrow('oldest entries')
    expect(() => db.exec(`insert into prediction_chain values (5, 'p', 0, ${h}, ${h}, ${h})`)).toThrow('follow')
    expect(() => db.exec(`insert or replace into prediction_chain values (3, 'p', 0, ${h}, ${h}, ${h})`)).toThrow(
      'follow',
    )
  })

  it('begins with the upgrade: what is older has no entry, and is told apart from what is put beside it', () => {
    const path = join(temporaryFolder(), 'old.sqlite')
    makeOldDatabase(path, 150)
    const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
    const db = openDatabase({ path, migrationsDir, clock: new TestClock() })
    const { verify } = chainOf(db, 700_000)
    expect(verify()).toMatchObject({ isSound: true, entryCount: 1, olderRecords: 20 })
    db.close()
  })
})
