import { describe, expect, it } from 'vitest'
import { axonFixture, buildFixtureAxon, fixtureNonceNs, fixtureNowMs } from '#tests/support/axon-fixture'
import { alice, bob, hotkeyNamed, type TestHotkey } from '#tests/support/hotkeys'
import { TestClock } from '#tests/support/test-clock'
import { isoSeconds, promptBody, v10Headers } from '#tests/support/validator-request'

const startMs = fixtureNowMs - (fixtureNowMs % 1_000) + 58_000
const untilStartMs = startMs - fixtureNowMs
const validators = ['carol', 'dave', 'eve'].map((name) => hotkeyNamed(name))

/** One place at work and nobody may wait for it. */
const narrow = { maxAtWork: 1, maxWaiting: 3, maxWorkMs: 20_000 }

async function anAxon(answerAtMs: number) {
  const clock = new TestClock(fixtureNowMs)
  const fixture = axonFixture({ clock, config: { axon: { ...narrow, answerAtMs } } })
  for (const validator of validators) fixture.metagraph.add(validator.address)
  const axon = await buildFixtureAxon(fixture)
  let asked = 0
  const ask = (sender: TestHotkey = alice, timeout = '60.0', startAtMs = startMs) => {
    asked += 1
    const nonceNs = fixtureNonceNs + BigInt(asked)
    let status: number | undefined
    const done = axon.server
      .inject({
        method: 'POST',
        url: '/Simulation',
        headers: v10Headers({ sender, receiver: bob.address, nonceNs, timeout }),
        payload: promptBody({ start_time: isoSeconds(startAtMs) }),
      })
      .then((response) => {
        status = response.statusCode
        return status
      })
    return { done, status: () => status }
  }
  /** Sockets and streams need several turns. */
  const settle = async () => {
    for (let turn = 0; turn < 20; turn += 1) await clock.advance(0)
  }
  return { ...fixture, clock, axon, ask, settle }
}

describe('axon.answerAtMs', () => {
  it('makes an answer so long before the start, and not sooner', async () => {
    const { ask, clock, texts, settle } = await anAxon(5_000)
    const call = ask()
    await settle()
    await clock.advance(untilStartMs - 5_001)
    expect([texts.asked.length, call.status()]).toEqual([0, undefined])
    await clock.advance(1)
    expect(await call.done).toBe(200)
    expect(texts.asked).toHaveLength(1)
  })

  it('is off by default', async () => {
    const { ask } = await anAxon(0)
    expect(await ask().done).toBe(200)
  })

  it('lets others to work while a request waits', async () => {
    const { ask, clock, counters, texts, settle } = await anAxon(5_000)
    const waiting = validators.map((validator) => ask(validator))
    await settle()
    expect(counters.atWork).toBe(0)
    // Too late to wait for anything, and served though three others are there.
    expect(await ask(alice, '60.0', fixtureNowMs - (fixtureNowMs % 1_000) + 4_000).done).toBe(200)
    await clock.advance(untilStartMs - 5_000)
    await settle()
    expect(await Promise.all(waiting.map(({ done }) => done))).toEqual([200, 200, 200])
    // All three from one forecast.
    expect(texts.asked).toHaveLength(2)
  })

  it('does not wait longer than the caller does', async () => {
    const { ask, clock, settle } = await anAxon(5_000)
    const call = ask(alice, '20.0')
    await settle()
    await clock.advance(14_999)
    expect(call.status()).toBeUndefined()
    await clock.advance(1)
    expect(await call.done).toBe(200)
  })

  it('wakes everybody when the miner stops', async () => {
    const { ask, axon, settle } = await anAxon(5_000)
    const call = ask()
    await settle()
    axon.drain()
    expect(await call.done).toBe(200)
  })
})
