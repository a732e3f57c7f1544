import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { describeAxons } from '#daemon/axon/describe-axons'
import { alice, bob, hotkeyNamed } from '#tests/support/hotkeys'
import { honestBody, honestHeaders, type LiveAxon, nextNonceNs, startLiveAxon } from '#tests/support/live-axon'
import { codeOf, RawConnection, requestText } from '#tests/support/raw-http'
import { btauthHeaders } from '#tests/support/validator-request'
import { waitUntil } from '#tests/support/wait-until'

/** Opens connections that say nothing. A server that refuses or closes them is right. */
async function crowdFrom(port: number, addresses: readonly string[], count: number): Promise<() => void> {
  const sockets: Socket[] = []
  const open = (localAddress: string) =>
    new Promise<void>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', localAddress })
      sockets.push(socket.on('connect', resolve).on('error', resolve).on('close', resolve).resume())
    })
  // No more at once than the kernel's queue holds, so that each reaches the server at once.
  for (let left = count; left > 0; left -= 50) {
    const batch = Array.from({ length: Math.min(50, left) })
    await Promise.all(addresses.flatMap((address) => batch.map(() => open(address))))
  }
  return () => {
    for (const socket of sockets) socket.destroy()
  }
}

async function ask(port: number, address: string, headers = honestHeaders()): Promise<string> {
  const connection = await RawConnection.open(port, address)
  connection.write(requestText(headers, honestBody()))
  const answer = await connection.next()
  connection.destroy()
  if (answer === undefined) return 'closed'
  return answer.status === 200 ? 'answered' : String(codeOf(answer))
}

async function askMany(port: number, address: string, count: number): Promise<Set<string>> {
  const outcomes = new Set<string>()
  for (let i = 0; i < count; i += 1) outcomes.add(await ask(port, address))
  return outcomes
}

const health = ({ running, fixture }: LiveAxon) => describeAxons(running, fixture.counters)

describe('silent connections', () => {
  it('of three addresses, 1,500 each, leave room for an honest fourth', async () => {
    const axon = await startLiveAxon()
    const leave = await crowdFrom(axon.port, ['127.0.0.2', '127.0.0.3', '127.0.0.4'], 1_500)
    expect(await askMany(axon.port, '127.0.0.9', 30)).toEqual(new Set(['answered']))
    expect(health(axon)).toMatchObject({ state: 'degraded', sentence: expect.stringContaining('to make room') })
    leave()
  })

  it('never take a place at a fixed allow-list', async () => {
    const axon = await startLiveAxon({
      config: { admission: { ipAllowListMode: 'fixed', ipAllowList: ['127.0.8.0/24'] } },
    })
    const leave = await crowdFrom(axon.port, ['127.0.0.2', '127.0.0.3', '127.0.0.4'], 1_500)
    expect(await askMany(axon.port, '127.0.8.9', 30)).toEqual(new Set(['answered']))
    expect(axon.fixture.counters.refusals.get('ip_not_listed')).toBeGreaterThan(0)
    expect(health(axon)).toMatchObject({ state: 'ok', sentence: expect.stringContaining('only from: 127.0.8.0/24') })
    leave()
    // The refusal says why, before a request has been sent.
    const refused = await RawConnection.open(axon.port, '127.0.0.5')
    expect(codeOf(await refused.next())).toBe('ip_not_listed')
    refused.destroy()
  })

  it('of more addresses than there is room for push out each other, and nobody honest', async () => {
    const axon = await startLiveAxon({ config: { axon: { maxConnections: 200 } } })
    axon.fixture.metagraph.add(hotkeyNamed('announced').address, { axonIp: '127.0.9.2' })
    const addresses = Array.from({ length: 10 }, (_, i) => `127.0.1.${i + 1}`)
    const leave = await crowdFrom(axon.port, addresses, 64)
    expect(await askMany(axon.port, '127.0.9.1', 10)).toEqual(new Set(['answered']))
    expect(await askMany(axon.port, '127.0.9.2', 10)).toEqual(new Set(['answered']))
    leave()
  })

  it('of an honest address push out each other, and not its requests', async () => {
    const axon = await startLiveAxon()
    const leave = await crowdFrom(axon.port, ['127.0.0.2'], 500)
    expect(await askMany(axon.port, '127.0.0.2', 10)).toEqual(new Set(['answered']))
    leave()
  })
})

describe('peers that reset their connection', () => {
  it('cost neither an error nor a line each', async () => {
    const { port, fixture, running } = await startLiveAxon()
    const { bt_header_dendrite_signature: _signature, ...unsigned } = honestHeaders()
    const request = requestText(unsigned, honestBody())
    for (let i = 0; i < 40; i += 1) {
      await Promise.all(
        Array.from({ length: 25 }, async (_, at) => {
          const connection = await RawConnection.open(port, `127.0.0.${2 + at}`)
          connection.write(request)
          connection.socket.resetAndDestroy()
          await connection.closed
        }),
      )
    }
    expect(await ask(port, '127.0.0.60')).toBe('answered')
    expect(fixture.log.entries.filter((entry) => entry.level === 'error')).toEqual([])
    expect(fixture.log.entries.length).toBeLessThan(100)
    const refused = [...fixture.counters.refusals.values()].reduce((sum, count) => sum + count, 0)
    expect(refused + running.crowd().totals.gone).toBeGreaterThan(0)
  })
})

describe('forged btauth/1 requests', () => {
  const config = { auth: { schemes: ['v10' as const, 'btauth1' as const] } }

  it('in the name of a validator take none of its places', async () => {
    const axon = await startLiveAxon({ config })
    const body = honestBody()
    const headers = () => btauthHeaders({ sender: alice, receiver: bob.address, nonceNs: nextNonceNs(), body })
    // The body never ends, so the forger is not found out.
    const forgers = await Promise.all(
      Array.from({ length: 68 }, (_, i) => RawConnection.open(axon.port, `127.0.2.${1 + i}`)),
    )
    for (const forger of forgers) forger.write(requestText(headers(), body).slice(0, -10))
    await waitUntil(() => axon.fixture.counters.atWork === 0)
    expect(await ask(axon.port, '127.0.0.9')).toBe('answered')
    const honest = await RawConnection.open(axon.port, '127.0.0.10')
    honest.write(requestText(headers(), body))
    expect((await honest.next())?.status).toBe(200)
    expect([axon.fixture.counters.mostAtWork, axon.fixture.counters.waiting]).toEqual([1, 0])
    for (const connection of [...forgers, honest]) connection.destroy()
  })

  it('of one address wait four at a time, and the oldest makes room', async () => {
    const { port } = await startLiveAxon({ config })
    const body = honestBody()
    const open = async () => {
      const headers = btauthHeaders({ sender: alice, receiver: bob.address, nonceNs: nextNonceNs(), body })
      const connection = await RawConnection.open(port, '127.0.0.2')
      connection.write(requestText(headers, body).slice(0, -10))
      return connection
    }
    const first = await open()
    const others = [await open(), await open(), await open(), await open()]
    expect(codeOf(await first.next())).toBe('verifier_busy')
    for (const connection of others) connection.write(body.slice(-10))
    for (const connection of others) expect((await connection.next())?.status).toBe(200)
    for (const connection of [first, ...others]) connection.destroy()
  })
})

describe('a connection that is kept', () => {
  it('serves again after six seconds, and announces its end while the axon stops', async () => {
    const { port, fixture, running } = await startLiveAxon()
    const connection = await RawConnection.open(port)
    connection.write(requestText(honestHeaders(), honestBody()))
    expect((await connection.next())?.status).toBe(200)
    await systemClock.sleep(6_500)
    connection.write(requestText(honestHeaders(), honestBody()))
    expect((await connection.next())?.status).toBe(200)

    let letGo = () => {}
    fixture.texts.answer = () =>
      new Promise((resolve) => {
        letGo = () => resolve({ ok: true, outputJson: Buffer.from('[0,60]') })
      })
    connection.write(requestText(honestHeaders(), honestBody({ asset: 'ETH' })))
    await waitUntil(() => fixture.counters.atWork === 1)
    const stopped = running.stop()
    letGo()
    const last = await connection.next()
    expect([last?.status, last?.headers.get('connection')]).toEqual([200, 'close'])
    await stopped
  })
})
