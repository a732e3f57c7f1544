import { gunzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { describe, expect, it } from 'vitest'
import { dayMs, hourMs } from '#core/base/time/units'
import {
  type AxonFixture,
  axonFixture,
  buildFixtureAxon,
  fixtureNonceNs,
  fixtureNowMs,
  InlineTextMaker,
} from '#tests/support/axon-fixture'
import { alice, bob, encodeSs58, hotkeyNamed } from '#tests/support/hotkeys'
import { MemoryNonceStore } from '#tests/support/memory-nonce-store'
import { TestClock } from '#tests/support/test-clock'
import { btauthHeaders, isoSeconds, promptBody, v10Headers } from '#tests/support/validator-request'
import { waitUntil } from '#tests/support/wait-until'

const stranger = hotkeyNamed('stranger')
const startTime = isoSeconds(fixtureNowMs + 58_000)
const goodBody = promptBody({ start_time: startTime })

interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly headers: Record<string, unknown>
  readonly raw: Buffer
}

async function call(
  server: FastifyInstance,
  headers: Record<string, string>,
  body: string | Buffer = goodBody,
  url = '/Simulation',
): Promise<Answer> {
  const response = await server.inject({ method: 'POST', url, headers, payload: body })
  const json = String(response.headers['content-encoding'] ?? '') === '' ? response.json<{ code?: string }>() : {}
  return { status: response.statusCode, code: json.code, headers: response.headers, raw: response.rawPayload }
}

const signed = (changes: Partial<Parameters<typeof v10Headers>[0]> = {}) =>
  v10Headers({ sender: alice, receiver: bob.address, nonceNs: fixtureNonceNs, ...changes })

async function serverOf(fixture: AxonFixture): Promise<FastifyInstance> {
  return (await buildFixtureAxon(fixture)).server
}

describe('an admitted request', () => {
  it("serves the protocol's own example request", async () => {
    const fixture = axonFixture()
    const server = await serverOf(fixture)
    const body = promptBody({ start_time: '2026-05-25T12:01:00+00:00', num_simulations: 1000 })
    const answer = await call(server, { ...signed(), 'accept-encoding': 'gzip, deflate' }, body)
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'content-length': String(answer.raw.length),
      vary: 'accept-encoding',
      name: 'Simulation',
      bt_header_axon_status_code: '200',
      bt_header_axon_status_message: 'Success',
    })
    expect(answer.headers).not.toHaveProperty('timeout')
    const synapse = JSON.parse(gunzipSync(answer.raw).toString()) as Record<string, unknown>
    expect(synapse).toMatchObject({
      name: 'Simulation',
      dendrite: {},
      axon: { status_code: 200, status_message: 'Success' },
      simulation_input: {
        asset: 'BTC',
        start_time: '2026-05-25T12:01:00+00:00',
        time_increment: 60,
        time_length: 3600,
        num_simulations: 1000,
      },
    })
    const output = synapse['simulation_output'] as [number, number, ...number[][]]
    expect(output.slice(0, 2)).toEqual([1_779_710_460, 60])
    expect(output).toHaveLength(1002)
    expect(new Set((output.slice(2) as number[][]).map((path) => path.length))).toEqual(new Set([61]))
  })

  it('is answered plainly where gzip was not asked for, with the same content', async () => {
    const server = await serverOf(axonFixture())
    const plain = await call(server, { ...signed(), 'accept-encoding': 'identity' })
    const packed = await call(server, {
      ...signed({ nonceNs: fixtureNonceNs + 1n }),
      'accept-encoding': 'br;q=1, gzip',
    })
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(plain.headers['content-length']).toBe(String(plain.raw.length))
    expect(gunzipSync(packed.raw).equals(plain.raw)).toBe(true)
  })

  it('computes equal prompts once, however they are spelt', async () => {
    const fixture = axonFixture()
    const server = await serverOf(fixture)
    const spellings = [startTime, startTime.replace('+00:00', 'Z'), startTime.replace('T', ' '), startTime.slice(0, 19)]
    const answers = await Promise.all(
      spellings.map((start_time, i) =>
        call(server, signed({ nonceNs: fixtureNonceNs + BigInt(i) }), promptBody({ start_time })),
      ),
    )
    // One sender has four places at work, so all four ran at the same time.
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200])
    expect(fixture.texts.asked).toHaveLength(1)
    expect(new Set(answers.map((answer) => answer.raw.toString())).size).toBe(1)
  })

  it('may carry the prompt at the top level', async () => {
    const server = await serverOf(axonFixture())
    const body = JSON.stringify((JSON.parse(goodBody) as { simulation_input: unknown }).simulation_input)
    expect((await call(server, signed(), body)).status).toBe(200)
  })
})

describe('who is calling', () => {
  const without = (name: string) => {
    const headers = signed()
    delete headers[name]
    return headers
  }
  const withHeader = (name: string, value: string) => ({ ...signed(), [name]: value })
  const signature = signed()['bt_header_dendrite_signature']!
  const byOther = v10Headers({ sender: stranger, receiver: bob.address, nonceNs: fixtureNonceNs })
  const nonce = (atMs: number) => BigInt(Math.round(atMs)) * 1_000_000n

  const cases: [string, Record<string, string>, number, string][] = [
    ['no signature', without('bt_header_dendrite_signature'), 401, 'sig_missing'],
    ['an empty signature', withHeader('bt_header_dendrite_signature', ''), 401, 'sig_missing'],
    ['a short signature', withHeader('bt_header_dendrite_signature', signature.slice(0, -2)), 401, 'sig_malformed'],
    [
      'a signature that is not hex',
      withHeader('bt_header_dendrite_signature', `0x${'zz'.repeat(64)}`),
      401,
      'sig_malformed',
    ],
    ['a signature without 0x', withHeader('bt_header_dendrite_signature', signature.slice(2)), 401, 'sig_malformed'],
    ['a signature of zeros', withHeader('bt_header_dendrite_signature', `0x${'00'.repeat(64)}`), 401, 'sig_invalid'],
    [
      'a signature with one bit turned',
      withHeader(
        'bt_header_dendrite_signature',
        signature.replace(/.$/, (digit) => (digit === '8' ? '9' : '8')),
      ),
      401,
      'sig_invalid',
    ],
    [
      "another key's signature",
      withHeader('bt_header_dendrite_signature', byOther['bt_header_dendrite_signature']!),
      401,
      'sig_invalid',
    ],
    ['no hotkey', without('bt_header_dendrite_hotkey'), 401, 'hotkey_missing'],
    ['no nonce', without('bt_header_dendrite_nonce'), 401, 'nonce_missing'],
    ['no uuid', without('bt_header_dendrite_uuid'), 401, 'uuid_missing'],
    ['a uuid of 65 letters', signed({ uuid: 'a'.repeat(65) }), 400, 'uuid_malformed'],
    ['no body hash', without('computed_body_hash'), 401, 'body_hash_missing'],
    ['another body hash', signed({ bodyHash: 'ab'.repeat(32) }), 401, 'body_hash_unknown'],
    ['a nonce too old', signed({ nonceNs: nonce(fixtureNowMs - 55_300) }), 401, 'nonce_window'],
    ['a nonce ten minutes ahead', signed({ nonceNs: nonce(fixtureNowMs + 600_000) }), 401, 'nonce_window'],
    ['a nonce more than 30 s ahead', signed({ nonceNs: nonce(fixtureNowMs + 30_001) }), 401, 'nonce_window'],
    ['a negative nonce', withHeader('bt_header_dendrite_nonce', '-1779710400123456789'), 400, 'nonce_malformed'],
    ['a fractional nonce', withHeader('bt_header_dendrite_nonce', '1779710400.123'), 400, 'nonce_malformed'],
    ['a nonce of 1e30', withHeader('bt_header_dendrite_nonce', '1e30'), 400, 'nonce_malformed'],
    ['an empty nonce', withHeader('bt_header_dendrite_nonce', ''), 400, 'nonce_malformed'],
    [
      'a nonce with a plus sign',
      withHeader('bt_header_dendrite_nonce', '+1779710400123456789'),
      400,
      'nonce_malformed',
    ],
    ['a negative timeout', withHeader('timeout', '-1'), 400, 'timeout_malformed'],
    ['a timeout of NaN', withHeader('timeout', 'NaN'), 400, 'timeout_malformed'],
    ['a timeout in words', withHeader('timeout', 'abc'), 400, 'timeout_malformed'],
    ['an infinite timeout', withHeader('timeout', 'inf'), 400, 'timeout_malformed'],
    [
      'a timeout of 1e9 with a nonce older than the cap',
      signed({ timeout: '1e9', nonceNs: nonce(fixtureNowMs - 124_001) }),
      401,
      'nonce_window',
    ],
    ['another receiver in the header', signed({ receiver: stranger.address }), 401, 'wrong_receiver'],
    [
      'a signature for another receiver behind our name',
      { ...signed({ receiver: stranger.address }), bt_header_axon_hotkey: bob.address },
      401,
      'sig_invalid',
    ],
    ['a hotkey that is not in the metagraph', signed({ sender: stranger }), 403, 'unregistered'],
    [
      'a hotkey with a wrong checksum',
      withHeader('bt_header_dendrite_hotkey', `${alice.address.slice(0, -1)}Z`),
      400,
      'hotkey_malformed',
    ],
    ['a hotkey that is no address', withHeader('bt_header_dendrite_hotkey', 'alice'), 400, 'hotkey_malformed'],
    [
      'a hotkey with another prefix',
      withHeader('bt_header_dendrite_hotkey', encodeSs58(alice.publicKey, 0)),
      400,
      'hotkey_malformed',
    ],
    [
      'a scheme that is off',
      btauthHeaders({ sender: alice, receiver: bob.address, nonceNs: fixtureNonceNs, body: goodBody }),
      401,
      'scheme_unknown',
    ],
  ]

  it.each(cases)('refuses %s', async (_name, headers, status, code) => {
    const fixture = axonFixture()
    const answer = await call(await serverOf(fixture), headers)
    expect([answer.status, answer.code]).toEqual([status, code])
    expect(fixture.counters.refusals.get(code as never)).toBe(1)
    expect(fixture.log.entries.filter((entry) => entry.event === 'request.refused')).toMatchObject([{ code, status }])
    expect(fixture.texts.asked).toEqual([])
  })

  it('serves a validator whose clock is 6 s ahead, and takes no replay of it as long as its nonce is fresh', async () => {
    const clock = new TestClock(fixtureNowMs)
    const server = await serverOf(axonFixture({ clock }))
    const early = signed({ nonceNs: nonce(fixtureNowMs + 6_000) })
    expect((await call(server, early)).status).toBe(200)
    // 4 s and its timeout of 51 s after the nonce; others let the book forget what is too old.
    for (const step of [1_000, 40_000, 19_000]) {
      await clock.advance(step)
      const other = signed({ nonceNs: nonce(clock.nowMs()), uuid: `other-${step}` })
      expect((await call(server, other, promptBody({ start_time: isoSeconds(clock.nowMs() + 58_000) }))).status).toBe(
        200,
      )
      expect(await call(server, early)).toMatchObject({ code: 'nonce_replayed' })
    }
    await clock.advance(120_000)
    expect((await call(server, early)).code).toBe('nonce_window')
  })

  it("waits the SDK's 12 s for a caller that names no timeout", async () => {
    const clock = new TestClock(fixtureNowMs)
    const texts = new InlineTextMaker()
    texts.answer = async () => {
      await clock.sleep(11_000)
      return { ok: true, outputJson: Buffer.from('[0,60]') }
    }
    const server = await serverOf(axonFixture({ clock, texts }))
    const { timeout: _timeout, ...silent } = signed({ nonceNs: nonce(fixtureNowMs - 15_000) })
    const answer = call(server, silent)
    await waitUntil(() => texts.asked.length === 1)
    for (let i = 0; i < 12; i += 1) await clock.advance(1_000)
    expect((await answer).status).toBe(200)
  })

  it('takes an old version number, and a timeout of 1e9 as 120 s', async () => {
    const server = await serverOf(axonFixture())
    const old = signed({ timeout: '1e9', nonceNs: nonce(fixtureNowMs - 123_900) })
    delete old['bt_header_dendrite_version']
    expect((await call(server, old)).status).toBe(200)
  })

  it('refuses a missing version together with a stale nonce', async () => {
    const server = await serverOf(axonFixture())
    const stale = signed({ nonceNs: nonce(fixtureNowMs - 3_600_000) })
    delete stale['bt_header_dendrite_version']
    expect((await call(server, stale)).code).toBe('nonce_window')
  })

  it.each([
    ['no permit', { hasPermit: false }, 'no_permit'],
    ['too little stake', { stakeTao: 64_999 }, 'low_stake'],
    ['a stake that is not a number', { stakeTao: Number.NaN }, 'low_stake'],
  ])('refuses a hotkey with %s', async (_name, facts, code) => {
    const fixture = axonFixture()
    fixture.metagraph.add(alice.address, facts)
    const answer = await call(await serverOf(fixture), signed())
    expect([answer.status, answer.code]).toEqual([403, code])
  })

  it('answers by a metagraph of six days, since who was a validator then probably still is one', async () => {
    const fixture = axonFixture()
    const server = await serverOf(fixture)
    fixture.metagraph.snapshotAgeMs = 6 * dayMs
    expect(await call(server, signed())).toMatchObject({ status: 200 })
  })

  it('refuses everybody while the metagraph is missing, too old, or without ourselves', async () => {
    const fixture = axonFixture()
    const server = await serverOf(fixture)
    fixture.metagraph.snapshotAgeMs = undefined
    expect(await call(server, signed())).toMatchObject({ status: 503, code: 'metagraph_unavailable' })
    fixture.metagraph.snapshotAgeMs = 7 * dayMs + 1
    expect(await call(server, signed())).toMatchObject({ status: 503, code: 'metagraph_unavailable' })
    fixture.metagraph.snapshotAgeMs = hourMs
    fixture.metagraph.deregisterOwn(bob.address)
    expect(await call(server, signed())).toMatchObject({ status: 503, code: 'deregistered' })
    fixture.metagraph.registerOwn(bob.address)
    expect((await call(server, signed())).status).toBe(200)
  })

  it('follows the addresses of validators where the allow-list comes from the metagraph', async () => {
    const fixture = axonFixture({ config: { admission: { ipAllowListMode: 'metagraph' } } })
    const server = await serverOf(fixture)
    // Nobody publishes an address yet: an empty list shuts nobody out.
    expect((await call(server, signed())).status).toBe(200)
    fixture.metagraph.add(alice.address, { axonIp: '203.0.113.9' })
    expect(await call(server, signed({ nonceNs: fixtureNonceNs + 1n }))).toMatchObject({
      status: 403,
      code: 'ip_not_listed',
    })
    fixture.metagraph.add(alice.address, { axonIp: '127.0.0.1' })
    expect((await call(server, signed({ nonceNs: fixtureNonceNs + 2n }))).status).toBe(200)
  })

  it('refuses the same nonce and an older one, and takes them in another lane', async () => {
    const server = await serverOf(axonFixture())
    expect((await call(server, signed())).status).toBe(200)
    expect(await call(server, signed())).toMatchObject({ status: 401, code: 'nonce_replayed' })
    expect(await call(server, signed({ nonceNs: fixtureNonceNs - 1n }))).toMatchObject({
      status: 401,
      code: 'nonce_replayed',
    })
    expect((await call(server, signed({ uuid: 'another-lane' }))).status).toBe(200)
  })

  it('refuses the same nonce after a restart', async () => {
    const nonces = new MemoryNonceStore()
    const before = await serverOf(axonFixture({ nonces }))
    expect((await call(before, signed())).status).toBe(200)
    const after = await serverOf(axonFixture({ nonces }))
    expect(await call(after, signed())).toMatchObject({ status: 401, code: 'nonce_replayed' })
    expect((await call(after, signed({ nonceNs: fixtureNonceNs + 1n }))).status).toBe(200)
  })

  it('takes no nonce from before a start whose records may be incomplete', async () => {
    const nonces = new MemoryNonceStore()
    nonces.floorOfAllNs = fixtureNonceNs
    const server = await serverOf(axonFixture({ nonces }))
    expect(await call(server, signed())).toMatchObject({ status: 503, code: 'nonce_from_before' })
    expect((await call(server, signed({ nonceNs: fixtureNonceNs + 1n }))).status).toBe(200)
  })

  it('does not take the nonce of a request whose signature fails', async () => {
    const server = await serverOf(axonFixture())
    const forged = { ...signed({ nonceNs: fixtureNonceNs + 1_000n }), bt_header_dendrite_signature: signature }
    expect((await call(server, forged)).code).toBe('sig_invalid')
    expect((await call(server, signed())).status).toBe(200)
  })

  it('answers exactly one of ten writers with one nonce', async () => {
    const fixture = axonFixture()
    const server = await serverOf(fixture)
    const answers = await Promise.all(Array.from({ length: 10 }, () => call(server, signed())))
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1)
    expect(answers.filter((answer) => answer.code === 'nonce_replayed')).toHaveLength(9)
  })

  it('asks the record of the nonce before each answer, and before no refusal', async () => {
    const nonces = new MemoryNonceStore()
    const server = await serverOf(axonFixture({ nonces }))
    expect((await call(server, signed())).status).toBe(200)
    expect((await call(server, signed())).status).toBe(401)
    expect(nonces.answers).toBe(1)
  })
})

describe('btauth/1', () => {
  const on = { config: { auth: { schemes: ['v10' as const, 'btauth1' as const] } } }
  const withBtauth = (changes: Partial<Parameters<typeof btauthHeaders>[0]> = {}) =>
    btauthHeaders({ sender: alice, receiver: bob.address, nonceNs: fixtureNonceNs, body: goodBody, ...changes })

  it('is served when it is switched on, each nonce once and in any order', async () => {
    const server = await serverOf(axonFixture(on))
    expect((await call(server, withBtauth())).status).toBe(200)
    expect(await call(server, withBtauth())).toMatchObject({ status: 401, code: 'nonce_replayed' })
    expect((await call(server, withBtauth({ nonceNs: fixtureNonceNs - 1n }))).status).toBe(200)
  })

  it('covers the body and the query', async () => {
    const server = await serverOf(axonFixture(on))
    const other = promptBody({ start_time: startTime, asset: 'ETH' })
    expect(await call(server, withBtauth(), other)).toMatchObject({ status: 401, code: 'sig_invalid' })
    expect(await call(server, withBtauth(), goodBody, '/Simulation?x=1')).toMatchObject({
      status: 401,
      code: 'sig_invalid',
    })
    const target = '/Simulation?x=1'
    expect((await call(server, withBtauth({ target }), goodBody, target)).status).toBe(200)
  })

  it('never falls back: a request marked as btauth is not tried as v10, nor the other way round', async () => {
    const server = await serverOf(axonFixture(on))
    expect(await call(server, { ...signed(), 'x-bittensor-version': '1' })).toMatchObject({ code: 'sig_missing' })
    expect(await call(server, { ...signed(), 'x-bittensor-version': '2' })).toMatchObject({ code: 'scheme_unknown' })
    const { 'x-bittensor-version': _marker, ...unmarked } = withBtauth()
    expect(await call(server, unmarked)).toMatchObject({ code: 'sig_missing' })
    const { bt_header_dendrite_signature: _signature, ...unsigned } = signed()
    expect(
      await call(server, { ...withBtauth({ nonceNs: fixtureNonceNs - 20_000_000_000n }), ...unsigned }),
    ).toMatchObject({
      code: 'nonce_window',
    })
  })

  it.each([
    ['another receiver', { 'x-bittensor-receiver': alice.address }, 'wrong_receiver'],
    ['no receiver', { 'x-bittensor-receiver': '' }, 'wrong_receiver'],
    ['another key type', { 'x-bittensor-crypto': 'mldsa' }, 'scheme_unknown'],
    ['no signature', { 'x-bittensor-signature': '' }, 'sig_missing'],
    ['a malformed nonce', { 'x-bittensor-nonce': '12a' }, 'nonce_malformed'],
  ])('refuses %s', async (_name, change, code) => {
    const server = await serverOf(axonFixture(on))
    expect((await call(server, { ...withBtauth(), ...change })).code).toBe(code)
  })
})

describe('several hotkeys in one process', () => {
  it('keeps their nonces apart and refuses what is meant for the other', async () => {
    const fixture = axonFixture({ clock: new TestClock(fixtureNowMs) })
    const second = hotkeyNamed('second miner')
    fixture.metagraph.registerOwn(second.address)
    const { buildAxons } = await import('#daemon/axon/start-axons')
    const { axons } = await buildAxons(
      fixture.deps,
      [
        { address: bob.address, port: 0 },
        { address: second.address, port: 0 },
      ],
      fixture.config,
    )
    const [first, other] = axons.map((axon) => axon.server)
    // One batch of a validator: the same nonce and uuid for every miner.
    expect((await call(first!, signed())).status).toBe(200)
    expect((await call(other!, signed({ receiver: second.address }))).status).toBe(200)
    expect(await call(other!, signed({ nonceNs: fixtureNonceNs + 1n }))).toMatchObject({ code: 'wrong_receiver' })
    expect(await call(other!, signed({ receiver: second.address }))).toMatchObject({ code: 'nonce_replayed' })
    // Each hotkey has paths of its own: equal answers would look like copies.
    expect(fixture.texts.asked).toHaveLength(2)
  })
})
