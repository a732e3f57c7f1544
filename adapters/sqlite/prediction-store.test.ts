import { describe, expect, it } from 'vitest'
import { hourMs, hourSeconds } from '#core/base/time/units'
import type { PreparedPrediction } from '#core/forecast/journal/journal-store'
import { predictionId } from '#core/forecast/journal/prediction-id'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'
import { dayIntervals } from '#tests/support/scoring-rules'
import { aServed, pathTools, type Served, type ServedOptions } from '#tests/support/served-prediction'
import { TestClock } from '#tests/support/test-clock'
import { openTestDatabase } from '#tests/support/test-database'
import { SqliteJournalReader } from './prediction-reader.ts'
import { SqlitePredictionStore } from './prediction-store.ts'
import { preparePrices } from './prices-blob.ts'

function toRecord({ served }: Served): PredictionRecord {
  return { ...served, id: predictionId(served.prompt, served.outputHash), reason: 'interval' }
}

function prepared(options: ServedOptions = {}): PreparedPrediction & { readonly outputJson: Uint8Array } {
  const own = aServed(options)
  const preparation = preparePrices(own.outputJson, own.served.outputHash)
  if (!preparation.ok) throw new Error(preparation.reason)
  return { record: toRecord(own), prices: preparation.prices, outputJson: own.outputJson }
}

function aStore() {
  const db = openTestDatabase()
  const clock = new TestClock()
  const store = new SqlitePredictionStore(db, clock)
  const reader = new SqliteJournalReader(db, pathTools)
  const write = (...batch: PreparedPrediction[]) =>
    expect(store.write(batch, 0)).toEqual({ ok: true, value: undefined })
  return { db, clock, store, reader, write }
}

function pricesOf(outputJson: Uint8Array): number[] {
  return (JSON.parse(new TextDecoder().decode(outputJson)) as unknown[]).slice(2).flat() as number[]
}

describe('records', () => {
  it('are read back unchanged, with a recipe of every kind', () => {
    const { reader, write } = aStore()
    const structured = {
      prompt: { lengthSeconds: 86_400, stepSeconds: 300 },
      arrangement: { kind: 'structured' as const, intervals: dayIntervals },
      flatFirstPath: true,
      seed: 2n ** 64n - 1n,
    }
    const both = [prepared(), prepared(structured)]
    write(...both)
    for (const { record } of both) expect(reader.find(record.id)).toStrictEqual(record)
  })
  it('are kept once: the same one again changes nothing', () => {
    const { reader, write } = aStore()
    const own = prepared()
    write(own)
    write({ ...own, record: { ...own.record, reason: 'first' } })
    expect(reader.list({}).map((record) => record.reason)).toEqual(['interval'])
  })
  it('are listed by start and asset, within the filter', () => {
    const { reader, write } = aStore()
    const at = (hours: number, asset: string, lengthSeconds = 3_600) => {
      const startAtSeconds = Date.UTC(2026, 8, 22, 12) / 1_000 + hours * hourSeconds
      return prepared({ prompt: { asset, startAtSeconds, lengthSeconds } })
    }
    write(at(1, 'ETH'), at(0, 'ETH'), at(1, 'BTC'), at(2, 'BTC', 7_200))
    const names = (filter: Parameters<typeof reader.list>[0]) =>
      reader
        .list(filter)
        .map(({ prompt }) => `${prompt.asset} ${new Date(prompt.startAtSeconds * 1_000).getUTCHours()}`)
    const noonMs = Date.UTC(2026, 8, 22, 12)
    expect(names({})).toEqual(['ETH 12', 'BTC 13', 'ETH 13', 'BTC 14'])
    expect(names({ assets: ['ETH'] })).toEqual(['ETH 12', 'ETH 13'])
    expect(names({ assets: [] })).toEqual([])
    expect(names({ timeLengthSeconds: 7_200 })).toEqual(['BTC 14'])
    expect(names({ fromMs: noonMs + hourMs, toMs: noonMs + 2 * hourMs })).toEqual(['BTC 13', 'ETH 13'])
  })
})

describe('the reason of an event', () => {
  const ofEvent = () => {
    const own = prepared()
    return { ...own, record: { ...own.record, reason: 'event' as const, event: 'consumerPrices' } }
  }
  it('is read back with the name of the event', () => {
    const { reader, write } = aStore()
    const own = ofEvent()
    write(own)
    expect(reader.find(own.record.id)).toStrictEqual(own.record)
    expect(reader.list({})).toStrictEqual([own.record])
  })
  it('is absent in a file that no release since then has opened for writing', () => {
    const { db, reader, write } = aStore()
    const own = prepared()
    write(own)
    db.exec('alter table predictions drop column event')
    expect(new SqliteJournalReader(db, pathTools).find(own.record.id)).toStrictEqual(own.record)
    expect(() => reader.find(own.record.id)).toThrow('event')
  })
})

describe('prices', () => {
  it('are read from the blob, or made again from the recipe, to the last bit', () => {
    const { store, reader, write } = aStore()
    const own = prepared({ prompt: { pathCount: 100 } })
    write(own)
    const stored = reader.readPaths(own.record.id)
    expect(stored).toMatchObject({ ok: true, origin: 'blob' })
    expect(store.dropPaths({ count: 1, bytes: 1 })).toMatchObject({ ok: true, value: { count: 1 } })
    const made = reader.readPaths(own.record.id)
    expect(made).toMatchObject({ ok: true, origin: 'recipe' })
    for (const reading of [stored, made]) {
      expect(reading.ok && [...reading.paths.values]).toEqual(pricesOf(own.outputJson))
    }
  })
  it('are made again when the stored ones are damaged', () => {
    const { db, reader, write } = aStore()
    const own = prepared()
    write(own)
    db.exec('update prediction_paths set prices = zeroblob(byte_count)')
    const reading = reader.readPaths(own.record.id)
    expect(reading).toMatchObject({ ok: true, origin: 'recipe' })
  })
  it('are refused when the recipe makes others than were served', () => {
    const { reader, write } = aStore()
    const own = prepared()
    const record = { ...own.record, recipe: { ...own.record.recipe, seed: 2n } }
    write({ record, prices: undefined })
    expect(reader.readPaths(record.id)).toMatchObject({ ok: false, reason: 'hashDiffers' })
  })
  it('are refused when another sampler made them, when nothing is known, and when the recipe is for another prompt', () => {
    const { db, reader, write } = aStore()
    const { record } = prepared()
    write({ record: { ...record, recipe: { ...record.recipe, samplerVersion: 99 } }, prices: undefined })
    expect(reader.readPaths(record.id)).toMatchObject({ ok: false, reason: 'otherSampler' })
    expect(reader.readPaths('BTC-nothing')).toMatchObject({ ok: false, reason: 'missing' })
    const other = prepared({ seed: 3n }).record
    write({ record: other, prices: undefined })
    db.exec('update predictions set time_length_seconds = 7200')
    expect(reader.readPaths(other.id)).toMatchObject({ ok: false, reason: 'unreadable' })
  })
})

describe('making room', () => {
  it('drops the oldest prices that can be made again, and such that cannot only after all of them', async () => {
    const { clock, store, reader, write } = aStore()
    const old = prepared({ seed: 1n })
    const lost = { ...old, record: { ...old.record, recipe: { ...old.record.recipe, samplerVersion: 99 } } }
    const others = [2n, 3n].map((seed) => prepared({ seed }))
    for (const own of [lost, ...others]) {
      write(own)
      await clock.advance(1_000)
    }
    const origins = () =>
      [lost, ...others].map(({ record }) => {
        const reading = reader.readPaths(record.id)
        return reading.ok ? reading.origin : reading.reason
      })
    const [second, third] = others.map(({ prices }) => prices!.bytes.length) as [number, number]
    expect(store.pathsBytes()).toEqual({ ok: true, value: lost.prices!.bytes.length + second + third })
    expect(store.dropPaths({ count: 9, bytes: second })).toEqual({ ok: true, value: { count: 1, bytes: second } })
    expect(origins()).toEqual(['blob', 'recipe', 'blob'])
    store.dropPaths({ count: 1, bytes: 1 })
    expect(origins()).toEqual(['blob', 'recipe', 'recipe'])
    store.dropPaths({ count: 1, bytes: 1 })
    expect(origins()).toEqual(['otherSampler', 'recipe', 'recipe'])
    expect(store.dropPaths({ count: 1, bytes: 1 })).toEqual({ ok: true, value: { count: 0, bytes: 0 } })
  })
  it('gives the pages of dropped prices to new ones', () => {
    const { store, write } = aStore()
    write(prepared({ prompt: { pathCount: 500 } }))
    const roomOf = () => {
      const room = store.room()
      return room.ok ? room.value : { unusedBytes: 0, diskBytes: 0 }
    }
    const before = roomOf()
    store.dropPaths({ count: 1, bytes: 1 })
    expect(roomOf().unusedBytes).toBeGreaterThan(before.unusedBytes + 50_000)
    expect(before.diskBytes).toBeGreaterThan(0)
  })
  it('deletes whole records by age, a few at a time', () => {
    const { store, reader, write } = aStore()
    const at = (hours: number) => prepared({ prompt: { startAtSeconds: hours * hourSeconds } })
    write(at(1), at(2), at(3), at(4))
    expect(store.deleteBefore(4 * hourMs, 2)).toEqual({ ok: true, value: 2 })
    expect(store.deleteBefore(4 * hourMs, 2)).toEqual({ ok: true, value: 1 })
    expect(reader.list({}).map(({ prompt }) => prompt.startAtSeconds)).toEqual([4 * hourSeconds])
    expect(reader.summarize().series).toMatchObject([{ asset: 'BTC', lengthSeconds: 3_600, count: 1, withPaths: 1 }])
  })
})

it('says "full" and keeps the previous records when the file must not grow', () => {
  const { db, store, reader, write } = aStore()
  write(prepared({ seed: 1n }))
  const pages = db.pragma('page_count', { simple: true }) as number
  db.pragma(`max_page_count = ${pages}`)
  const failed = store.write([prepared({ seed: 2n, prompt: { pathCount: 500 } })], 0)
  expect(failed).toMatchObject({ ok: false, failure: { kind: 'full' } })
  expect(reader.list({})).toHaveLength(1)
  db.pragma('max_page_count = 1000000')
  write(prepared({ seed: 2n, prompt: { pathCount: 500 } }))
})
