import { createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { aClient, alice, aNode } from '#tests/support/chain-fixtures'

/** Accepts connections and never says a word. */
async function aSilentPort(): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {})))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `ws://127.0.0.1:${(server.address() as { port: number }).port}`
}

describe('the chain client in an outage', () => {
  it('starts without a chain, says so, and connects when the node comes up', async () => {
    const node = await aNode()
    await node.server.kill()
    const { client, log } = aClient([node])
    await client.start()
    expect(client.status().connection).toMatchObject({ state: 'connecting' })
    expect(client.current()).toBeUndefined()
    expect(client.registration(alice.address).state).toBe('unknown')
    await log.first('chain.connect_failed')
    await node.server.listen()
    await log.first('metagraph.refreshed')
    expect(client.status().connection.state).toBe('connected')
    expect(client.current()?.neurons.map((neuron) => neuron.hotkey)).toContain(alice.address)
    expect(client.registration(alice.address)).toEqual({ state: 'registered', uid: 0 })
  })

  it('leaves a silent endpoint after its own deadline and takes the next one', async () => {
    const silent = await aSilentPort()
    const node = await aNode()
    const { client, log, clock } = aClient([silent, node], { connectDeadlineMs: 15_000 })
    const startedAtMs = clock.monotonicMs()
    await client.start()
    const failure = await log.first('chain.connect_failed')
    expect(failure).toMatchObject({ endpoint: silent, reason: 'not usable within 15000 ms' })
    await log.first('chain.connected')
    expect(clock.monotonicMs() - startedAtMs).toBeGreaterThan(15_000)
    expect(client.status().connection).toMatchObject({ state: 'connected', endpoint: node.url })
  })
})
