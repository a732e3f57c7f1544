import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import type { Clock } from '#core/base/time/clock'
import type { SignatureVerifier } from '#core/bittensor/admission/signature-verifier'
import { startAxons } from '#daemon/axon/start-axons'
import { axonFixture } from '#tests/support/axon-fixture'
import { alice, bob, hotkeyNamed, type TestHotkey } from '#tests/support/hotkeys'
import { honestBody, honestHeaders, nextNonceNs, startLiveAxon, startWatchedAxon } from '#tests/support/live-axon'
import { codeOf, RawConnection, requestText } from '#tests/support/raw-http'
import { v10Headers } from '#tests/support/validator-request'
import { waitUntil } from '#tests/support/wait-until'

const quick = {
  headersTimeoutMs: 400,
  bodyTimeoutMs: 400,
  requestTimeoutMs: 800,
  idleTimeoutMs: 200,
  sendIdleTimeoutMs: 400,
}

describe('slow peers', () => {
  it('are dropped in the headers, before the headers, and between requests', async () => {
    const { port } = await startLiveAxon({ config: { axon: quick } })
    const silent = await RawConnection.open(port)
    const slow = await RawConnection.open(port)
    slow.write('POST /Simulation HTTP/1.1\r\nhost: x\r\nx: ')
    const dribble = setInterval(() => slow.write('a'), 50)
    const answer = await slow.next()
    clearInterval(dribble)
    expect([answer?.status, codeOf(answer)]).toEqual([408, 'request_timeout'])
    await Promise.all([slow.closed, silent.closed])

    const idle = await RawConnection.open(port)
    idle.write(requestText(honestHeaders(), honestBody()))
    expect((await idle.next())?.status).toBe(200)
    await idle.closed
  })

  it('are dropped in the body of an admitted request, and their place is free again', async () => {
    const { port, fixture } = await startLiveAxon({ config: { axon: quick } })
    const slow = await RawConnection.open(port)
    const body = honestBody()
    slow.write(requestText(honestHeaders(), body).slice(0, -10))
    await waitUntil(() => fixture.counters.atWork === 1)
    const answer = await slow.next()
    expect([answer?.status, codeOf(answer)]).toEqual([408, 'body_timeout'])
    await slow.closed
    expect(fixture.counters.atWork).toBe(0)
  })

  it('are dropped in the body though bytes still come, and meanwhile keep only their own share of the places', async () => {
    const bodyTimeoutMs = 9_999
    let armed = 0
    let letTimePass: () => void = () => {}
    const timeIsUp = new Promise<void>((resolve) => {
      letTimePass = resolve
    })
    // The time for bodies passes when the test says so, however busy the machine is.
    const clock: Clock = {
      nowMs: () => systemClock.nowMs(),
      monotonicMs: () => systemClock.monotonicMs(),
      sleep: (durationMs, signal) => {
        if (durationMs !== bodyTimeoutMs) return systemClock.sleep(durationMs, signal)
        armed += 1
        return timeIsUp
      },
    }
    const { port, fixture } = await startLiveAxon({
      clock,
      config: { axon: { bodyTimeoutMs, maxAtWorkPerHotkey: 4, maxWaitingPerHotkey: 0 } },
    })
    const slow: RawConnection[] = []
    for (let i = 0; i < 6; i += 1) {
      const connection = await RawConnection.open(port)
      connection.write(requestText(honestHeaders(alice), honestBody()).slice(0, -100))
      slow.push(connection)
    }
    await waitUntil(() => fixture.counters.atWork === 4 && fixture.counters.refusals.get('hotkey_busy') === 2)
    for (let i = 0; i < 8; i += 1) {
      for (const connection of slow) connection.write(' ')
      const other = hotkeyNamed(`beside the slow one ${i}`)
      fixture.metagraph.add(other.address)
      const good = await ask(port, other)
      expect((await good.next())?.status).toBe(200)
      good.destroy()
    }
    expect(fixture.counters.atWork).toBe(4)
    // One deadline for each body: no byte begins it anew. The eight good ones had theirs too.
    expect(armed).toBe(12)
    letTimePass()
    const codes = (await Promise.all(slow.map((connection) => connection.next()))).map(codeOf)
    expect(codes.toSorted()).toEqual([...Array(4).fill('body_timeout'), 'hotkey_busy', 'hotkey_busy'])
    await Promise.all(slow.map((connection) => connection.closed))
    expect(fixture.counters.atWork).toBe(0)
  })

  it('lose their place when they hang up in the body', async () => {
    const { port, fixture } = await startLiveAxon()
    const gone = await RawConnection.open(port)
    gone.write(requestText(honestHeaders(), honestBody()).slice(0, -10))
    await waitUntil(() => fixture.counters.atWork === 1)
    gone.destroy()
    await waitUntil(() => fixture.counters.atWork === 0)
    expect(fixture.log.entries.filter((entry) => entry.level === 'error')).toEqual([])
  })

  it('lose their place when they hang up while the forecast is made, and nothing is called an error', async () => {
    const { port, fixture } = await startLiveAxon()
    const letGo = holdForecasts(fixture)
    const gone = await RawConnection.open(port)
    gone.write(requestText(honestHeaders(), honestBody()))
    await waitUntil(() => fixture.texts.asked.length === 1)
    gone.destroy()
    await waitUntil(() => fixture.counters.atWork === 0)
    letGo()
    // The next caller gets this forecast.
    const next = await ask(port, alice)
    expect((await next.next())?.status).toBe(200)
    next.destroy()
    expect(fixture.log.entries.filter((entry) => entry.level === 'error')).toEqual([])
    expect([...fixture.counters.refusals.keys()]).toEqual([])
  })

  it('are dropped when they stop reading their answer, at the limit and not at twice its value', async () => {
    const { port, sockets } = await startWatchedAxon({
      config: { axon: { ...quick, sendIdleTimeoutMs: 3_000 } },
      synth: { maxPaths: 10_000, maxPoints: 3_000_000 },
    })
    const stalled = await RawConnection.open(port)
    stalled.socket.pause()
    // Larger than what the two kernels take in between.
    const large = { num_simulations: 10_000, time_length: 86_400, time_increment: 300 }
    stalled.write(requestText(honestHeaders(), honestBody(large)))
    await waitUntil(() => (sockets[0]?.writableLength ?? 0) > 0)
    const startedAt = performance.now()
    await waitUntil(() => sockets[0]?.destroyed === true)
    expect(performance.now() - startedAt).toBeGreaterThan(2_900)
    expect(performance.now() - startedAt).toBeLessThan(5_500)
    stalled.destroy()
  })

  it('do not keep a good request waiting, a thousand of them', async () => {
    const { port } = await startLiveAxon({ config: { axon: { headersTimeoutMs: 3_000 } } })
    const crowd = await Promise.all(Array.from({ length: 1_000 }, () => RawConnection.open(port)))
    for (const slow of crowd) slow.write('POST /Simulation HTTP/1.1\r\nx: ')
    const durations: number[] = []
    for (let i = 0; i < 30; i += 1) {
      for (const slow of crowd) slow.write('a')
      const startedAt = performance.now()
      const good = await RawConnection.open(port)
      good.write(requestText(honestHeaders(), honestBody()))
      expect((await good.next())?.status).toBe(200)
      durations.push(performance.now() - startedAt)
      good.destroy()
    }
    expect(Math.max(...durations)).toBeLessThan(1_000)
    await Promise.all(crowd.map((slow) => slow.closed))
  })
})

/** Holds every forecast until the test lets go. */
function holdForecasts(fixture: Awaited<ReturnType<typeof startLiveAxon>>['fixture']): () => void {
  let letGo: () => void = () => {}
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  fixture.texts.answer = async () => {
    await held
    return { ok: true, outputJson: Buffer.from('[0,60]') }
  }
  return letGo
}

async function ask(port: number, sender: TestHotkey): Promise<RawConnection> {
  const connection = await RawConnection.open(port)
  connection.write(requestText(honestHeaders(sender), honestBody()))
  return connection
}

describe('more than there is room for', () => {
  it('refuses a hotkey that takes more than its share, and no other', async () => {
    const { port, fixture } = await startLiveAxon({
      config: { axon: { maxAtWorkPerHotkey: 2, maxWaitingPerHotkey: 1 } },
    })
    const letGo = holdForecasts(fixture)
    const other = hotkeyNamed('other validator')
    fixture.metagraph.add(other.address)
    const greedy = await Promise.all([ask(port, alice), ask(port, alice), ask(port, alice)])
    await waitUntil(() => fixture.counters.atWork === 2 && fixture.counters.waiting === 1)
    const refused = await (await ask(port, alice)).next()
    expect([refused?.status, codeOf(refused), refused?.headers.get('retry-after')]).toEqual([429, 'hotkey_busy', '1'])
    const modest = await ask(port, other)
    await waitUntil(() => fixture.counters.atWork === 3)
    letGo()
    for (const connection of [...greedy, modest]) expect((await connection.next())?.status).toBe(200)
    expect(fixture.counters.atWork).toBe(0)
  })

  it('lets the highest stake go first and turns the lowest away when the waiting room is full', async () => {
    const { port, fixture } = await startLiveAxon({ config: { axon: { maxAtWork: 1, maxWaiting: 2 } } })
    const letGo = holdForecasts(fixture)
    const [small, middle, large] = ['small', 'middle', 'large'].map(hotkeyNamed) as [TestHotkey, TestHotkey, TestHotkey]
    fixture.metagraph.add(small.address, { stakeTao: 70_000 })
    fixture.metagraph.add(middle.address, { stakeTao: 80_000 })
    fixture.metagraph.add(large.address, { stakeTao: 900_000 })
    const working = await ask(port, alice)
    await waitUntil(() => fixture.counters.atWork === 1)
    const waitingSmall = await ask(port, small)
    await waitUntil(() => fixture.counters.waiting === 1)
    const waitingMiddle = await ask(port, middle)
    await waitUntil(() => fixture.counters.waiting === 2)
    const waitingLarge = await ask(port, large)
    const turnedAway = await waitingSmall.next()
    expect([turnedAway?.status, codeOf(turnedAway), turnedAway?.headers.get('retry-after')]).toEqual([
      503,
      'saturated',
      '1',
    ])
    const equal = hotkeyNamed('no more than the least that waits')
    fixture.metagraph.add(equal.address, { stakeTao: 80_000 })
    expect(codeOf(await (await ask(port, equal)).next())).toBe('saturated')
    letGo()
    for (const connection of [working, waitingMiddle, waitingLarge]) expect((await connection.next())?.status).toBe(200)
    const order = fixture.log.entries
      .filter((entry) => entry.event === 'request.served')
      .map((entry) => entry['sender'])
    expect(order).toEqual([alice.address, large.address, middle.address])
  })

  it('ends a wait that is too long', async () => {
    const { port, fixture } = await startLiveAxon({ config: { axon: { maxAtWork: 1, maxWaitMs: 100 } } })
    const letGo = holdForecasts(fixture)
    const other = hotkeyNamed('other validator')
    fixture.metagraph.add(other.address)
    const working = await ask(port, alice)
    await waitUntil(() => fixture.counters.atWork === 1)
    const tired = await (await ask(port, other)).next()
    expect([tired?.status, codeOf(tired)]).toEqual([503, 'saturated'])
    letGo()
    expect((await working.next())?.status).toBe(200)
  })

  it('caps the connections of one address; the oldest that proved nothing makes room', async () => {
    const { port, fixture } = await startLiveAxon({
      config: { axon: { maxConnectionsPerIp: 3, maxConnectionsPerKnownIp: 3 } },
    })
    const letGo = holdForecasts(fixture)
    const silent = await Promise.all([1, 2, 3].map(() => RawConnection.open(port, '127.0.0.2')))
    const working: RawConnection[] = []
    for (let i = 1; i <= 3; i += 1) {
      const connection = await RawConnection.open(port, '127.0.0.2')
      connection.write(requestText(honestHeaders(), honestBody()))
      await waitUntil(() => fixture.counters.atWork === i)
      working.push(connection)
    }
    await Promise.all(silent.map((connection) => connection.closed))
    letGo()
    for (const connection of working) expect((await connection.next())?.status).toBe(200)
    for (const connection of working) connection.destroy()
  })

  it('refuses a connection when each of its address has proven itself', async () => {
    const { port, fixture } = await startLiveAxon({ config: { axon: { maxConnectionsPerKnownIp: 3 } } })
    const letGo = holdForecasts(fixture)
    const open = await Promise.all([1, 2, 3].map(() => RawConnection.open(port, '127.0.0.2')))
    for (const connection of open) connection.write(requestText(honestHeaders(), honestBody()))
    await waitUntil(() => fixture.counters.atWork === 3)
    const refused = await (await RawConnection.open(port, '127.0.0.2')).next()
    expect([refused?.status, codeOf(refused)]).toEqual([429, 'too_many_connections'])
    letGo()
    for (const connection of open) expect((await connection.next())?.status).toBe(200)
    for (const connection of open) connection.destroy()
  })
})

describe('a flood of requests that cannot be right', () => {
  it('is refused without a look at a signature, and honest callers are served in between', async () => {
    const fixture = axonFixture({ clock: systemClock })
    let verified = 0
    const verifier: SignatureVerifier = {
      verify: (...parts) => {
        verified += 1
        return fixture.deps.verifier.verify(...parts)
      },
    }
    const running = await startAxons({ ...fixture.deps, verifier }, [{ address: bob.address, port: 0 }], fixture.config)
    onTestFinished(() => running.stop())
    const port = running.axons[0]!.port
    const { bt_header_dendrite_signature: _signature, ...unsigned } = honestHeaders()
    const kinds = [
      () => unsigned,
      () => honestHeaders(hotkeyNamed('registered nowhere')),
      () => v10Headers({ sender: alice, receiver: bob.address, nonceNs: nextNonceNs() - 600_000_000_000n }),
      () => honestHeaders(alice, hotkeyNamed('another miner').address),
    ].map((headers) => requestText(headers(), ''))
    const flood = await Promise.all(Array.from({ length: 20 }, (_, i) => RawConnection.open(port, `127.0.4.${i + 1}`)))
    let honest = 0
    for (let round = 0; round < 10; round += 1) {
      const refused = flood.map(async (connection) => {
        for (let i = 0; i < 12; i += 1) connection.write(kinds[i % kinds.length]!)
        for (let i = 0; i < 12; i += 1) await connection.next()
      })
      const good = await RawConnection.open(port, '127.0.5.1')
      good.write(requestText(honestHeaders(), honestBody()))
      honest += (await good.next())?.status === 200 ? 1 : 0
      good.destroy()
      await Promise.all(refused)
    }
    for (const connection of flood) connection.destroy()
    expect(honest).toBe(10)
    expect(verified).toBe(10)
    expect(Object.fromEntries(fixture.counters.refusals)).toEqual({
      sig_missing: 600,
      unregistered: 600,
      nonce_window: 600,
      wrong_receiver: 600,
    })
  })
})

describe('forged signatures', () => {
  it('are verified only within a budget, and honest callers are served meanwhile', async () => {
    const { port, fixture } = await startLiveAxon({
      config: { auth: { maxFailuresPerIp: 5, strangerChecksPerSecond: 1_000 } },
    })
    const serve = async (address: string) => {
      const connection = await RawConnection.open(port, address)
      connection.write(requestText(honestHeaders(), honestBody()))
      const status = (await connection.next())?.status
      connection.destroy()
      return status
    }
    expect(await serve('127.0.2.1')).toBe(200)
    const forger = hotkeyNamed('forger')
    const forge = () => {
      const { bt_header_dendrite_signature: forged } = honestHeaders(forger)
      return { ...honestHeaders(), bt_header_dendrite_signature: forged! }
    }
    const codes = new Map<string | undefined, number>()
    for (let i = 0; i < 200; i += 1) {
      const connection = await RawConnection.open(port, `127.0.1.${1 + (i % 20)}`)
      connection.write(requestText(forge(), honestBody()))
      const code = codeOf(await connection.next())
      codes.set(code, (codes.get(code) ?? 0) + 1)
      connection.destroy()
    }
    // Twenty addresses with ten tries each, of which five are looked at.
    expect(codes).toEqual(
      new Map([
        ['sig_invalid', 100],
        ['too_many_failures', 100],
      ]),
    )
    // An address that is known by a right signature, and one that is known from the chain.
    expect(await serve('127.0.2.1')).toBe(200)
    fixture.metagraph.add(alice.address, { axonIp: '127.0.3.1' })
    expect(await serve('127.0.3.1')).toBe(200)
  })

  it('of hundreds of addresses leave a turn to a new honest one', async () => {
    const { port, fixture } = await startLiveAxon({ config: { auth: { strangerChecksPerSecond: 50 } } })
    const forger = hotkeyNamed('forger')
    let isOver = false
    const forge = async (address: string) => {
      while (!isOver) {
        const { bt_header_dendrite_signature: forged } = honestHeaders(forger)
        const connection = await RawConnection.open(port, address)
        connection.write(requestText({ ...honestHeaders(), bt_header_dendrite_signature: forged! }, honestBody()))
        await connection.next()
        connection.destroy()
      }
    }
    const forgers = Array.from({ length: 120 }, (_, i) => forge(`127.0.4.${1 + i}`))
    await waitUntil(() => (fixture.counters.refusals.get('verifier_busy') ?? 0) > 0)
    const honest = await RawConnection.open(port, '127.0.5.1')
    honest.write(requestText(honestHeaders(alice), honestBody()))
    expect((await honest.next())?.status).toBe(200)
    honest.destroy()
    isOver = true
    await Promise.all(forgers)
  })

  it('leave a line in the log, and under a flood a count instead of lines', async () => {
    const { port, fixture } = await startLiveAxon()
    const connection = await RawConnection.open(port)
    const { bt_header_dendrite_signature: _signature, ...unsigned } = honestHeaders()
    for (let i = 0; i < 300; i += 1) connection.write(requestText(unsigned, ''))
    for (let i = 0; i < 300; i += 1) expect(codeOf(await connection.next())).toBe('sig_missing')
    connection.destroy()
    expect(fixture.counters.refusals.get('sig_missing')).toBe(300)
    expect(fixture.log.entries.filter((entry) => entry.event === 'request.refused').length).toBeLessThanOrEqual(20)
  })
})
