import { describe, expect, it } from 'vitest'
import { parseIp } from '#core/bittensor/addresses/ip-address'
import { aClient, alice, aNeuron, aNode, bob, publicEndpoint, smallSubnet } from '#tests/support/chain-fixtures'
import { runsLong } from '#tests/support/long-tests'
import type { PoolVerdict } from '#tests/support/mock-node/serve-rules'

/** VOLCAST_LONG_TESTS=1 runs the catalogue's full counts. */
const restarts = runsLong ? 100 : 8

const otherAxon = {
  block: 990,
  version: 1,
  ip: 1n,
  port: 1,
  ipType: 4,
  protocol: 4,
  placeholder1: 0,
  placeholder2: 0,
}

describe('announcing the axon', () => {
  it('announces nothing before the axon listens', async () => {
    const node = await aNode()
    const { client } = aClient([node])
    await client.start()
    await client.refresh()
    expect(node.pool.submissions).toEqual([])
    expect(client.status().hotkeys[0]?.announcement).toEqual({ state: 'notWanted' })
  })

  it('announces again what a reorganisation dropped', async () => {
    const node = await aNode()
    const { client, log } = aClient([node])
    await client.start()
    await client.ensureServed(alice.address, publicEndpoint)
    node.produceBlocks(2)
    const head = log.next('axon.announcement_lost')
    node.reorg(3)
    expect(node.axonOf(alice.address)).toBeUndefined()
    await until(
      () => client.refresh(),
      () => log.count('axon.announcement_lost') === 1,
    )
    await head
    expect(node.axonOf(alice.address)).toMatchObject({ port: 8091 })
    expect(client.status().hotkeys[0]?.announcement).toMatchObject({ state: 'current' })
    expect(node.pool.acceptedCount).toBe(2)
  })

  it('waits with that until the rate limit of the announcement before allows it', async () => {
    const node = await aNode({ rateLimitBlocks: 20 })
    node.setAxon(alice.address, otherAxon)
    const { client, log } = aClient([node])
    await client.start()
    const status = await client.ensureServed(alice.address, publicEndpoint)
    expect(status).toEqual({ state: 'waiting', reason: 'the rate limit of the chain ends at block 1010' })
    expect(node.pool.submissions).toEqual([])
    node.produceBlocks(6)
    await until(
      () => client.refresh(),
      () => node.pool.acceptedCount === 1,
    )
    expect(node.axonOf(alice.address)).toMatchObject({ block: 1_011, port: 8091 })
    expect(log.count('axon.announce_delayed')).toBe(1)
  })

  it.each<[string, 'node' | 'chopsticks', PoolVerdict, string, number]>([
    ['not registered', 'node', { ok: false, custom: 10 }, 'HotKeyNotRegisteredInNetwork', 1],
    ['a wrong address', 'node', { ok: false, custom: 11 }, 'InvalidIpAddress', 1],
    ['a wrong port', 'chopsticks', { ok: false, custom: 13 }, 'InvalidPort', 1],
    ['a bad request', 'chopsticks', { ok: false, custom: 255 }, 'BadRequest', 1],
    ['a bad signature', 'node', { ok: false, word: 'badProof' }, 'BadProof', 1],
  ])('names a refusal for %s, in the dialect of a %s', async (_, dialect, verdict, name, sent) => {
    const node = await aNode({ dialect })
    node.pool.forcedVerdicts.push(verdict)
    const { client, log } = aClient([node])
    await client.start()
    expect(await client.ensureServed(alice.address, publicEndpoint)).toMatchObject({ state: 'refused', name })
    expect(log.entries.find(({ event }) => event === 'axon.announce_refused')).toMatchObject({ refusal: name })
    expect(node.pool.submissions).toHaveLength(sent)
    // One word of one node does not end the service: registration and metagraph say that there is a place.
    expect(client.registration(alice.address)).toEqual({ state: 'registered', uid: 0 })
  })

  it('sends a stale transaction once more, with a nonce that the node then takes', async () => {
    const node = await aNode()
    node.pool.forcedVerdicts.push({ ok: false, word: 'stale' })
    const { client } = aClient([node])
    await client.start()
    expect(await client.ensureServed(alice.address, publicEndpoint)).toMatchObject({ state: 'current' })
    expect(node.pool.submissions.map(({ verdict }) => verdict.ok)).toEqual([false, true])
  })

  it('waits out the rate limit on which the chain insists', async () => {
    const node = await aNode({ rateLimitBlocks: 10 })
    node.pool.forcedVerdicts.push({ ok: false, custom: 12 })
    const { client } = aClient([node])
    await client.start()
    expect(await client.ensureServed(alice.address, publicEndpoint)).toMatchObject({ state: 'waiting' })
    node.produceBlocks(10)
    await until(
      () => client.refresh(),
      () => node.pool.acceptedCount === 1,
    )
    expect(node.pool.submissions).toHaveLength(2)
  })

  it('makes no storm when every transaction is refused', async () => {
    const node = await aNode()
    node.pool.forcedVerdicts.push(...Array<PoolVerdict>(50).fill({ ok: false, custom: 255 }))
    const { client } = aClient([node])
    await client.start()
    for (let i = 0; i < 20; i += 1) await client.ensureServed(alice.address, publicEndpoint)
    expect(node.pool.submissions).toHaveLength(3)
    expect(client.status().hotkeys[0]?.announcement).toMatchObject({ state: 'waiting' })
  })

  it(`sends one transaction in ${restarts} restarts with the same address`, { timeout: 120_000 }, async () => {
    const node = await aNode()
    for (let i = 0; i < restarts; i += 1) {
      const { client } = aClient([node])
      await client.start()
      expect(await client.ensureServed(alice.address, publicEndpoint)).toMatchObject({ state: 'current' })
      await client.stop()
      node.produceBlock()
    }
    expect(node.pool.submissions).toHaveLength(1)
  })

  it.each(['10.0.0.1', '127.0.0.1'])('refuses to announce %s, which the chain would take or not', async (ip) => {
    const node = await aNode()
    const { client } = aClient([node])
    await client.start()
    await expect(client.ensureServed(alice.address, { ip: parseIp(ip)!, port: 8091 })).rejects.toMatchObject({
      code: 'AXON_IP_NOT_PUBLIC',
    })
    await client.refresh()
    expect(node.pool.submissions).toEqual([])
  })

  it('announces two hotkeys of one process, each at its own port', async () => {
    const node = await aNode()
    const { client } = aClient([node], {}, { signers: [alice, bob] })
    await client.start()
    await client.ensureServed(alice.address, publicEndpoint)
    await client.ensureServed(bob.address, { ...publicEndpoint, port: 8092 })
    expect([node.axonOf(alice.address)?.port, node.axonOf(bob.address)?.port]).toEqual([8091, 8092])
    expect(node.pool.acceptedCount).toBe(2)
  })

  it('announces after an outage what it was told to announce during it', async () => {
    const node = await aNode()
    const { client, log } = aClient([node])
    await client.start()
    await node.server.kill()
    await log.first('chain.disconnected')
    expect(await client.ensureServed(alice.address, publicEndpoint)).toMatchObject({ state: 'pending' })
    await node.server.listen()
    await log.first('axon.announced')
    expect(node.axonOf(alice.address)).toMatchObject({ port: 8091 })
  })
})

describe('the place in the subnet', () => {
  it('is noticed when it goes to another key, and when it comes back', async () => {
    const node = await aNode()
    const { client, log } = aClient([node])
    await client.start()
    await client.ensureServed(alice.address, publicEndpoint)
    node.setNeurons([aNeuron({ hotkey: '5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy' }), smallSubnet[1]!])
    node.produceBlock()
    await until(
      () => client.refresh(),
      () => log.count('hotkey.deregistered') === 1,
    )
    expect(client.registration(alice.address)).toEqual({ state: 'deregistered' })
    expect(client.current()?.neurons.some(({ hotkey }) => hotkey === alice.address)).toBe(false)
    expect(node.pool.submissions).toHaveLength(1)
    node.setNeurons([...node.neurons, smallSubnet[0]!])
    node.produceBlock()
    await until(
      () => client.refresh(),
      () => client.registration(alice.address).state === 'registered',
    )
    expect(client.registration(alice.address)).toEqual({ state: 'registered', uid: 2 })
    // Its new place knows nothing of the old announcement.
    expect(node.axonOf(alice.address)).toMatchObject({ port: 8091 })
    expect(log.count('hotkey.deregistered')).toBe(1)
  })
  it('is not lost by an answer that the metagraph contradicts, nor by a single one', async () => {
    const node = await aNode()
    const { client, log } = aClient([node])
    await client.start()
    node.forgetUid(alice.address)
    for (let i = 0; i < 3; i += 1) await client.refresh()
    expect(client.registration(alice.address)).toEqual({ state: 'registered', uid: 0 })
    expect(log.count('hotkey.place_doubted')).toBeGreaterThan(0)
    node.setNeurons([smallSubnet[1]!])
    node.produceBlock()
    await until(
      () => client.refresh(),
      () => log.count('hotkey.deregistered') === 1,
    )
    const doubts = log.entries.filter(({ event }) => event === 'hotkey.place_doubted')
    expect(doubts.map(({ isInMetagraph }) => isInMetagraph).filter((word) => word === false)).toHaveLength(1)
  })
  it('is not lost by the word of one node while another knows it, metagraph or not', async () => {
    const [wrong, right] = [await aNode(), await aNode()]
    const { client, log } = aClient([wrong, right])
    await client.start()
    wrong.setNeurons([smallSubnet[1]!])
    wrong.produceBlock()
    await until(
      () => client.refresh(),
      () => log.count('hotkey.place_doubted') === 4,
    )
    expect(client.registration(alice.address)).toEqual({ state: 'registered', uid: 0 })
    expect(log.entries.findLast(({ event }) => event === 'hotkey.place_doubted')).toMatchObject({
      isInMetagraph: false,
      elsewhere: 'registered',
    })
    expect(await client.ensureServed(alice.address, publicEndpoint)).toMatchObject({ state: 'pending' })
    expect([...wrong.pool.submissions, ...right.pool.submissions]).toEqual([])
    // Both say so: believed at once.
    right.setNeurons([smallSubnet[1]!])
    right.produceBlock()
    await client.refresh()
    expect(client.registration(alice.address)).toEqual({ state: 'deregistered' })
  })

  it('is found at the start where the first node does not know it and the second does', async () => {
    const [wrong, right] = [await aNode({ neurons: [smallSubnet[1]!] }), await aNode()]
    const { client } = aClient([wrong, right])
    await client.start()
    expect(client.registration(alice.address)).toEqual({ state: 'registered', uid: 0 })
  })

  it('is lost by two refreshes of one node where the other does not answer', async () => {
    const [node, silent] = [await aNode(), await aNode()]
    const { client, log } = aClient([node, silent])
    await client.start()
    await silent.server.kill()
    node.setNeurons([smallSubnet[1]!])
    node.produceBlock()
    await until(
      () => client.refresh(),
      () => log.count('hotkey.deregistered') === 1,
    )
    const doubts = log.entries.filter(({ event }) => event === 'hotkey.place_doubted')
    expect(doubts.map(({ elsewhere }) => elsewhere)).toEqual(['unknown'])
  })

  it('is known from the start when there is none', async () => {
    const node = await aNode({ neurons: [smallSubnet[1]!] })
    const { client, log } = aClient([node])
    await client.start()
    expect(client.registration(alice.address)).toEqual({ state: 'deregistered' })
    expect(await client.ensureServed(alice.address, publicEndpoint)).toMatchObject({ state: 'pending' })
    expect(node.pool.submissions).toEqual([])
    expect(log.count('hotkey.deregistered')).toBe(1)
  })
})

/** Refreshes until the new head has come through and done its work. */
async function until(refresh: () => Promise<unknown>, isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    await refresh()
    await new Promise((resolve) => setImmediate(resolve))
  }
}
