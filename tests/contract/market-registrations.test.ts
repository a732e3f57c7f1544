/** The public list of registrations, as a client meets it: in the documented shape, and in every other. */

import { describe, expect, it } from 'vitest'
import { createSynthApi } from '#adapters/market/synth-api'
import { SqliteRegistrationStore } from '#adapters/sqlite/registration-store'
import { SplitMix64 } from '#core/base/random/rng'
import { dayMs } from '#core/base/time/units'
import type { PublishedRegistration } from '#core/market/venues/synth-api'
import { registrationsOf } from '#core/tuning/shadow/hands'
import { type ScriptedAnswer, startScriptedServer } from '#tests/support/scripted-server'
import { TestClock } from '#tests/support/test-clock'
import { openTestDatabase } from '#tests/support/test-database'
import { whileTimePasses } from '#tests/support/while-time-passes'

const toMs = Date.UTC(2026, 8, 24)
const month = { fromMs: toMs - 25 * dayMs, toMs }
const addresses = [
  '5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjQX',
  '5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy',
  '5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw',
] as const

const row = (uid: number, at: string, hotkey: string = addresses[0]) => ({ miner_uid: uid, hotkey, created_at: at })

async function ask(answer: (path: string) => ScriptedAnswer, range = month, maxAnswerBytes = 1_048_576) {
  const clock = new TestClock(toMs)
  const server = await startScriptedServer(({ path }) => answer(path))
  const api = createSynthApi(
    { clock, rng: new SplitMix64(1n) },
    {
      baseUrl: server.url,
      monitoringUrl: server.url,
      requestsPerSecond: 1000,
      tries: 3,
      limits: { deadlineMs: 2_000, maxAnswerBytes },
    },
  )
  const answered = await whileTimePasses(clock, api.fetchRegistrations(range))
  return { answered, server, clock }
}

const saying = (value: unknown, range = month) => ask(() => ({ body: JSON.stringify(value) }), range)

/** What the tuner makes of it, in a real database. */
function timesOf(rows: readonly PublishedRegistration[], uid: number): readonly number[] {
  const store = new SqliteRegistrationStore(openTestDatabase())
  const save = () =>
    store.savePublic(rows.map(({ minerUid, ...one }) => ({ uid: minerUid, ...one, registeredAtMs: one.createdAtMs })))
  save()
  save()
  return registrationsOf(store.list())?.registeredAtMs(uid) ?? []
}

describe('the public list of registrations', () => {
  it('is asked for by instants, and read field by field', async () => {
    const { answered, server } = await saying([{ ...row(7, '2026-09-12T10:03:27Z'), coldkey: 'unused', axon: null }])
    expect(answered).toEqual({
      ok: true,
      rows: [{ minerUid: 7, hotkey: addresses[0], createdAtMs: Date.UTC(2026, 8, 12, 10, 3, 27) }],
      refusedRows: 0,
    })
    expect(server.requests.map(({ path }) => decodeURIComponent(path))).toEqual([
      '/miners/registrations/historical?from=2026-08-30T00:00:00Z&to=2026-09-24T00:00:00Z',
    ])
  })

  it('in another shape is refused as a whole, or row by row', async () => {
    for (const value of [{ rows: [] }, 'none', 7, { message: 'ok' }]) {
      expect((await saying(value)).answered).toMatchObject({ ok: false, reason: 'malformed' })
    }
    expect((await ask(() => ({ body: '<html>' }))).answered).toMatchObject({ ok: false, reason: 'malformed' })
    const good = row(3, '2026-09-12T10:00:00Z')
    const bad = [
      null,
      [],
      'row',
      { ...good, miner_uid: '3' },
      { ...good, miner_uid: 3.5 },
      { ...good, miner_uid: -1 },
      { ...good, miner_uid: 65_536 },
      { ...good, miner_uid: null },
      { ...good, hotkey: '' },
      { ...good, hotkey: 5 },
      { ...good, hotkey: 'x'.repeat(101) },
      { ...good, created_at: 1_789_000_000 },
      { ...good, created_at: 'yesterday' },
      { ...good, created_at: '2026-13-45T99:00:00Z' },
      { miner_uid: 3 },
    ]
    const { answered } = await saying([...bad, good])
    expect(answered).toMatchObject({ ok: true, refusedRows: bad.length, rows: [{ minerUid: 3 }] })
  })

  it('larger than an answer may be is not read to its end', async () => {
    const huge = `[${`${JSON.stringify(row(1, '2026-09-12T10:00:00Z'))},`.repeat(20_000)}null]`
    expect((await ask(() => ({ body: huge }))).answered).toMatchObject({ ok: false, reason: 'tooLarge' })
    const many = Array.from({ length: 5_000 }, (_, i) => row(i % 256, '2026-09-12T10:00:00Z', `5Hot${i}`))
    expect((await saying(many)).answered).toMatchObject({ ok: true, refusedRows: 0, rows: { length: 5_000 } })
  })

  it('without a row is an empty list, in each way of saying so', async () => {
    const nothing = { ok: true, rows: [], refusedRows: 0 }
    expect((await saying([])).answered).toEqual(nothing)
    expect((await saying(null)).answered).toEqual(nothing)
    const notFound = JSON.stringify({ message: 'No registrations found' })
    expect((await ask(() => ({ status: 404, body: notFound }))).answered).toEqual(nothing)
    // A 404 without the API's own words is a wrong address.
    expect((await ask(() => ({ status: 404, body: 'nginx' }))).answered).toMatchObject({ reason: 'rejected' })
  })

  it('in any order gives the holders of a uid in the order of time', async () => {
    const [first, second, third] = ['2026-09-02T00:00:00Z', '2026-09-10T00:00:00Z', '2026-09-20T00:00:00Z'] as const
    const { answered } = await saying([
      row(9, third, addresses[2]),
      row(9, first, addresses[0]),
      row(4, second, addresses[0]),
      row(9, second, addresses[1]),
    ])
    if (!answered.ok) throw new Error(answered.message)
    expect(timesOf(answered.rows, 9)).toEqual([first, second, third].map((at) => Date.parse(at)))
    expect(timesOf(answered.rows, 4)).toEqual([Date.parse(second)])
  })

  it('counts a row that comes twice once, also where windows overlap, and none from outside of the range', async () => {
    const long = { fromMs: toMs - 70 * dayMs, toMs }
    const twice = row(7, '2026-08-15T00:00:00Z')
    const outside = [row(7, '2026-07-01T00:00:00Z', addresses[1]), row(8, '2027-01-01T00:00:00Z')]
    const { answered, server } = await saying([twice, twice, ...outside], long)
    expect(server.requests).toHaveLength(3)
    expect(answered).toMatchObject({ ok: true, rows: [{ minerUid: 7, createdAtMs: Date.UTC(2026, 7, 15) }] })
    if (answered.ok) expect(timesOf(answered.rows, 7)).toHaveLength(1)
  })

  it('is asked again after the pause that a 429 wants, and given up with its reason', async () => {
    const limited = { status: 429, body: '{"message":"slow down"}', headers: { 'retry-after': '7' } }
    let left = 2
    const patient = await ask(() => {
      left -= 1
      return left >= 0 ? limited : { body: JSON.stringify([row(1, '2026-09-12T10:00:00Z')]) }
    })
    expect(patient.answered).toMatchObject({ ok: true, rows: { length: 1 } })
    expect(patient.clock.nowMs() - toMs).toBeGreaterThanOrEqual(14_000)
    const never = await ask(() => limited)
    expect(never.answered).toMatchObject({ ok: false, reason: 'rateLimited' })
    expect(never.server.requests).toHaveLength(3)
  })
})
