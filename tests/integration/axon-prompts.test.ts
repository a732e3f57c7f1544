import { describe, expect, it } from 'vitest'
import { hourSeconds } from '#core/base/time/units'
import { axonFixture, buildFixtureAxon, fixtureNonceNs, fixtureNowMs } from '#tests/support/axon-fixture'
import { alice, bob } from '#tests/support/hotkeys'
import { isoSeconds, type PromptFields, promptBody, v10Headers } from '#tests/support/validator-request'

const startTime = isoSeconds(fixtureNowMs + 58_000)

async function send(body: string | Buffer, fixture = axonFixture()) {
  const { server } = await buildFixtureAxon(fixture)
  const headers = v10Headers({ sender: alice, receiver: bob.address, nonceNs: fixtureNonceNs })
  const response = await server.inject({ method: 'POST', url: '/Simulation', headers, payload: body })
  const { code, field } = response.json<{ code?: string; field?: string }>()
  return { status: response.statusCode, code, field, fixture, text: response.body }
}

const ask = (prompt: Partial<PromptFields>) => send(promptBody({ start_time: startTime, ...prompt }))

describe('bodies that are not plain JSON', () => {
  const good = promptBody({ start_time: startTime })
  it.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['a cut body', good.slice(0, -5)],
    ['a deep nest', '['.repeat(30_000)],
    ['a deep nest in an unknown field', good.replace('{', `{"x":${'['.repeat(500)}${']'.repeat(500)},`)],
    ['a field given twice', good.replace('"asset":"BTC"', '"asset":"BTC","asset":"ETH"')],
    ['__proto__', good.replace('{', '{"__proto__":{"polluted":true},')],
    ['a byte order mark', `\ufeff${good}`],
    ['a NUL', good.replace('BTC', 'B\u0000C')],
    ['half a surrogate pair', good.replace('BTC', '\\ud800')],
    ['bytes that are not UTF-8', Buffer.concat([Buffer.from(good.slice(0, -1)), Buffer.from([0xff, 0x7d])])],
    ['a number beyond range', good.replace('"timeout":12', '"timeout":1e309')],
    ['a list', '[]'],
    ['a bare text', '"Simulation"'],
    ['null', 'null'],
  ])('refuses %s', async (_name, body) => {
    const { status, code } = await send(body)
    expect([status, code]).toEqual([400, 'bad_json'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it.each(['{}', '{"simulation_input":null}', '{"simulation_input":[]}', '{"simulation_input":{}}'])(
    'refuses %s as a body without a prompt',
    async (body) => {
      expect(await send(body)).toMatchObject({ status: 400, code: 'prompt_missing' })
    },
  )
})

describe('assets', () => {
  it.each([['DOGE'], ['btc'], ['BTC '], ['x'.repeat(10_000)], [7], [null], [['BTC']], ['constructor'], ['__proto__']])(
    'refuses %s',
    async (asset) => {
      const { status, code, text, fixture } = await ask({ asset })
      expect([status, code]).toEqual([400, 'unknown_asset'])
      expect(fixture.texts.asked).toEqual([])
      // Nothing of the peer's value comes back.
      expect(text.length).toBeLessThan(200)
    },
  )
})

describe('start times', () => {
  const startAtSeconds = Math.floor((fixtureNowMs + 58_000) / 1_000)
  const local = (offsetHours: number) =>
    new Date((startAtSeconds + offsetHours * hourSeconds) * 1_000).toISOString().slice(0, 19)

  it.each([
    ['Z', `${local(0)}Z`],
    ['no zone, which is UTC', local(0)],
    ['+05:00', `${local(5)}+05:00`],
    ['-03:30', `${new Date(startAtSeconds * 1_000 - 12_600_000).toISOString().slice(0, 19)}-03:30`],
    ['a zero fraction', `${local(0)}.000000+00:00`],
  ])('reads %s as the right instant', async (_name, start_time) => {
    const { status, fixture } = await ask({ start_time })
    expect(status).toBe(200)
    expect(fixture.texts.asked[0]?.startAtSeconds).toBe(startAtSeconds)
  })

  it.each<[string, unknown]>([
    ['a fraction', `${local(0)}.5+00:00`],
    ['a leap second', '2026-06-30T23:59:60+00:00'],
    ['24:00', '2026-05-25T24:00:00+00:00'],
    ['30 February', '2026-02-30T12:00:00+00:00'],
    ['the year 10000', '10000-01-01T00:00:00+00:00'],
    ['seconds since the epoch', startAtSeconds],
    ['seconds since the epoch as text', String(startAtSeconds)],
    ['more than an hour ahead', isoSeconds(fixtureNowMs + 3_601_000)],
    ['the past', isoSeconds(fixtureNowMs - 7_000)],
    ['an offset of 24 hours', `${local(24)}+24:00`],
    ['an empty text', ''],
    ['null', null],
  ])('refuses %s', async (_name, start_time) => {
    expect(await ask({ start_time })).toMatchObject({ status: 400, code: 'bad_start_time' })
  })
})

describe('sizes', () => {
  it.each<[keyof PromptFields, unknown]>([
    ['num_simulations', 0],
    ['num_simulations', -1],
    ['num_simulations', 1.5],
    ['num_simulations', '1000'],
    ['num_simulations', 1e9],
    ['num_simulations', 1001],
    ['num_simulations', null],
    ['num_simulations', true],
    ['time_length', 0],
    ['time_length', -300],
    ['time_length', 1e12],
    ['time_length', 3_601],
    ['time_length', '3600'],
    ['time_length', [3_600]],
    ['time_increment', 0],
    ['time_increment', -1],
    ['time_increment', 0.5],
    ['time_increment', null],
  ])('refuses %s = %s', async (field, value) => {
    const { status, code, field: named, fixture } = await ask({ [field]: value })
    expect([status, code, named]).toEqual([400, 'bad_param', field])
    expect(fixture.texts.asked).toEqual([])
  })

  it('refuses a period that nobody forecasts, however few its points are', async () => {
    const answer = await ask({ time_length: 1e9, time_increment: 1e9, num_simulations: 1 })
    expect(answer).toMatchObject({ status: 400, code: 'bad_param', field: 'time_length' })
    expect((await ask({ time_length: 604_800, time_increment: 86_400, num_simulations: 1 })).status).toBe(200)
  })

  it('refuses an increment longer than the whole, and more points than the limit', async () => {
    expect(await ask({ time_increment: 7_200 })).toMatchObject({ code: 'bad_param', field: 'time_length' })
    expect(await ask({ time_length: 86_400, time_increment: 60, num_simulations: 1000 })).toMatchObject({
      code: 'bad_param',
      field: 'time_length',
    })
  })

  it('takes the prompts that validators send', async () => {
    expect((await ask({ time_length: 86_400, time_increment: 300, num_simulations: 1000 })).status).toBe(200)
    expect((await ask({ time_length: 3_600, time_increment: 60, num_simulations: 1000 })).status).toBe(200)
  })
})

describe('forecasts that cannot be made', () => {
  it.each([
    ['priceUnavailable' as const, 'price_unavailable'],
    ['failed' as const, 'answer_failed'],
  ])('are refused when the maker says %s, and retried the next time', async (reason, code) => {
    const fixture = axonFixture()
    fixture.texts.answer = async () => ({ ok: false, reason, detail: 'as the test wants' })
    expect(await send(promptBody({ start_time: startTime }), fixture)).toMatchObject({ status: 503, code })
    fixture.texts.answer = undefined
    const second = axonFixture({ texts: fixture.texts })
    expect((await send(promptBody({ start_time: startTime }), second)).status).toBe(200)
  })

  it('costs one answer when the maker throws', async () => {
    const fixture = axonFixture()
    fixture.texts.answer = () => Promise.reject(new Error('boom'))
    const answer = await send(promptBody({ start_time: startTime }), fixture)
    expect(answer).toMatchObject({ status: 503, code: 'answer_failed' })
    expect(answer.text).not.toContain('boom')
    expect(fixture.log.events()).toContain('forecast.threw')
  })
})
