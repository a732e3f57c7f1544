import { describe, expect, it } from 'vitest'
import { aClient, alice, aNode } from '#tests/support/chain-fixtures'
import { FastClock } from '#tests/support/fast-clock'
import type { MockNode } from '#tests/support/mock-node/mock-node'

describe('a node that asks for less', () => {
  it.each<[string, (node: MockNode) => void, string]>([
    [
      'by HTTP status 429',
      (node) => {
        node.server.refuseUpgradeWith = 429
        node.server.closeConnections()
      },
      'chain.connect_failed',
    ],
    ['by an error on every request', (node) => node.server.fault('*', 'rateLimit'), 'chain.connect_failed'],
    ['by closing the connection', (node) => node.server.fault('*', 'close'), 'chain.connect_failed'],
  ])('is asked at most once a second and ever more seldom: %s', async (_, misbehave, event) => {
    // Fast enough to see a good part of a minute of backing off.
    const factor = 40
    const clock = new FastClock(factor)
    const node = await aNode()
    const { client, log } = aClient([node], {}, { clock })
    await client.start()
    node.server.connectedAt.length = 0
    misbehave(node)
    await client.refresh()
    for (let i = 0; i < 5; i += 1) await log.next(event)
    const gaps = node.server.connectedAt.slice(1).map((atMs, i) => (atMs - node.server.connectedAt[i]!) * factor)
    expect(gaps.length).toBeGreaterThanOrEqual(4)
    for (const gap of gaps) expect(gap).toBeGreaterThan(950)
    node.server.refuseUpgradeWith = undefined
    node.server.fault('*', undefined)
    await log.next('chain.connected')
    expect((await client.refresh()).ok).toBe(true)
  })

  it('leaves a node that throws it out again and again, for another one', async () => {
    const [bad, good] = [await aNode(), await aNode()]
    bad.server.fault('state_call', 'rateLimit')
    const { client, log } = aClient([bad, good])
    await client.start()
    await log.first('metagraph.refreshed')
    expect(client.status().connection).toMatchObject({ state: 'connected', endpoint: good.url })
  })
})

describe('a node that is connected and yet of no use', () => {
  it('is left when it no longer answers', async () => {
    const [frozen, good] = [await aNode(), await aNode()]
    const { client, log } = aClient([frozen, good], { requestDeadlineMs: 5_000 })
    await client.start()
    frozen.server.fault('*', 'silent')
    await client.refresh()
    await client.refresh()
    const lost = await log.first('chain.disconnected')
    expect(lost).toMatchObject({ endpoint: frozen.url, reason: 'the node no longer answers' })
    await log.first('chain.connected', (entry) => entry['endpoint'] === good.url)
  })
  it('is left when it sees no new blocks', async () => {
    const [stalled, good] = [await aNode(), await aNode()]
    const { client, log } = aClient([stalled, good], { headStallMs: 10_000 })
    await client.start()
    const lost = await log.first('chain.disconnected')
    expect(lost).toMatchObject({ endpoint: stalled.url, reason: expect.stringMatching(/^no new block/) as string })
    await log.first('chain.connected', (entry) => entry['endpoint'] === good.url)
  })
  it('is passed over while it catches up', async () => {
    const [syncing, good] = [await aNode(), await aNode()]
    syncing.isSyncing = true
    const { client, log } = aClient([syncing, good])
    await client.start()
    expect((await log.first('chain.connect_failed'))['reason']).toContain('not in sync')
    await log.first('chain.connected', (entry) => entry['endpoint'] === good.url)
  })
  it('stops at once, even while the node is frozen', async () => {
    const frozen = await aNode()
    const { client } = aClient([frozen], { requestDeadlineMs: 600_000 })
    await client.start()
    frozen.server.fault('*', 'silent')
    void client.refresh()
    const startedAt = performance.now()
    await client.stop()
    expect(performance.now() - startedAt).toBeLessThan(1_000)
    expect(client.status().connection.state).toBe('stopped')
  })
})

describe('a metagraph that cannot be right', () => {
  it.each<[string, (node: MockNode) => void, string]>([
    ['short', (node) => Object.assign(node, { cutColumns: { 52: 1 } }), 'it holds 1 of 2 hotkeys'],
    ['empty', (node) => Object.assign(node, { cutColumns: { 30: 0, 52: 0 } }), 'it holds no neurons'],
    ['with too few permits', (node) => Object.assign(node, { cutColumns: { 57: 1 } }), 'validator_permit has 1 rows'],
    ['with too few stakes', (node) => Object.assign(node, { cutColumns: { 69: 0 } }), 'total_stake has 0 rows'],
    ['of no subnet', (node) => Object.assign(node, { spoilMetagraph: () => Buffer.from([0]) }), 'no subnet 50'],
    [
      'cut off',
      (node) => Object.assign(node, { spoilMetagraph: (all: Buffer) => all.subarray(0, 100) }),
      'cannot be read',
    ],
    [
      'of noise',
      (node) => Object.assign(node, { spoilMetagraph: (all: Buffer) => Buffer.alloc(all.length, 0xee) }),
      'cannot be read',
    ],
  ])('keeps the previous one when the answer is %s', async (_, spoil, words) => {
    const node = await aNode()
    const { client, log } = aClient([node])
    await client.start()
    const before = client.current()
    spoil(node)
    expect(await client.refresh()).toMatchObject({ ok: false, reason: expect.stringContaining(words) as string })
    expect(client.current()).toBe(before)
    expect(client.status().metagraph.rejected).toContain(words)
    expect(log.count('metagraph.rejected')).toBe(1)
    // The rest of the refresh was done all the same.
    expect(client.registration(alice.address).state).toBe('registered')
    expect(client.status().connection.state).toBe('connected')
  })
  it('reads past what a later runtime appends to it', async () => {
    const node = await aNode()
    node.spoilMetagraph = (answer) => Buffer.concat([answer, Buffer.from([1, 4, 0, 0, 0])])
    const { client } = aClient([node])
    await client.start()
    expect(client.current()?.neurons).toHaveLength(2)
  })
})

describe("T1: this computer's clock against the chain's", () => {
  it.each([
    [-3_600_000, 'behind'],
    [-5_000, 'behind'],
    [5_000, 'ahead'],
    [3_600_000, 'ahead'],
  ])('finds that it is off by %d ms', async (offsetMs, direction) => {
    const clock = new FastClock(10)
    const node = await aNode({ nowMs: () => clock.trueMs() })
    clock.wallOffsetMs = offsetMs
    const { client, log } = aClient([node], {}, { clock })
    await client.start()
    const ticking = setInterval(() => node.produceBlock(), 20)
    const skewed = await log.first('clock.skewed')
    clearInterval(ticking)
    expect(skewed).toMatchObject({ direction, level: 'error' })
    expect(client.status().clock).toMatchObject({ state: direction })
  })
  it('finds a jump in the middle of a run, and its end', async () => {
    const clock = new FastClock(10)
    const node = await aNode({ nowMs: () => clock.trueMs() })
    const { client, log } = aClient([node], {}, { clock })
    await client.start()
    const ticking = setInterval(() => node.produceBlock(), 20)
    clock.wallOffsetMs = -60_000
    await log.first('clock.skewed')
    clock.wallOffsetMs = 0
    await log.first('clock.recovered')
    clearInterval(ticking)
    expect(client.status().clock.state).toBe('ok')
  })
})
