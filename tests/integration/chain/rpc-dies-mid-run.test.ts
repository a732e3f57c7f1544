import { describe, expect, it } from 'vitest'
import { SqliteMetagraphStore } from '#adapters/sqlite/metagraph-store'
import { chainHealth } from '#core/bittensor/chain/chain-health'
import { aClient, alice, aNode, publicEndpoint } from '#tests/support/chain-fixtures'
import { FastClock } from '#tests/support/fast-clock'
import { openTestDatabase } from '#tests/support/test-database'
import { WatchedLogger } from '#tests/support/watched-logger'

/** With VOLCAST_TEST_SHOW=1 the steps are printed as they happen. */
const show = process.env['VOLCAST_TEST_SHOW'] === '1'

/** C3, at the pace of life, step by step. */
describe('the RPC dies in the middle of a run', () => {
  it('continues with the stored metagraph, and reconnects within five seconds of the node', {
    timeout: 60_000,
  }, async () => {
    const clock = new FastClock(1)
    const log = new WatchedLogger()
    const steps: string[] = []
    const step = (what: string): void => {
      steps.push(what)
      if (show) console.info(`${(clock.monotonicMs() / 1_000).toFixed(2).padStart(6)} s  ${what}`)
    }
    const seen = (entry: { event: string }): void => step(entry.event)
    const db = openTestDatabase()
    const node = await aNode()
    const { client } = aClient([node], {}, { clock, log, store: new SqliteMetagraphStore(db) })
    const health = () => chainHealth(client.status(), { staleAfterMs: 300_000, maxMetagraphAgeMs: 604_800_000 }).state

    await client.start()
    seen(await log.first('chain.connected'))
    seen(await log.first('metagraph.refreshed'))
    await client.ensureServed(alice.address, publicEndpoint)
    seen(await log.first('axon.announced'))
    expect(health()).toBe('ok')
    const before = client.current()

    const lost = log.next('chain.disconnected')
    step('the node is killed')
    await node.server.kill()
    seen(await lost)
    seen(await log.next('chain.connect_failed'))

    // Validators are still admitted: the metagraph, our place and our announcement stay as they were last known.
    expect(await client.refresh()).toEqual({ ok: false, reason: 'there is no connection to the chain' })
    expect(client.current()).toBe(before)
    expect(client.registration(alice.address)).toEqual({ state: 'registered', uid: 0 })
    expect(client.status()).toMatchObject({
      connection: { state: 'disconnected' },
      whyNotSign: 'there is no connection to the chain',
      metagraph: { origin: 'live', neuronCount: 2 },
      hotkeys: [{ announcement: { state: 'current', axon: '203.0.113.9:8091' } }],
    })
    expect(health()).toBe('degraded')
    step('validators are served from the previous metagraph')

    // The worst moment to return is right after an attempt.
    await log.next('chain.connect_failed')
    const back = log.next('chain.connected')
    const taken = log.next('metagraph.refreshed')
    step('the node returns')
    const returnedAtMs = clock.monotonicMs()
    await node.server.listen()
    seen(await back)
    expect(clock.monotonicMs() - returnedAtMs).toBeLessThan(5_000)
    seen(await taken)
    await client.refresh()
    expect(health()).toBe('ok')
    expect(node.pool.acceptedCount).toBe(1)
    expect(steps).toEqual([
      'chain.connected',
      'metagraph.refreshed',
      'axon.announced',
      'the node is killed',
      'chain.disconnected',
      'chain.connect_failed',
      'validators are served from the previous metagraph',
      'the node returns',
      'chain.connected',
      'metagraph.refreshed',
    ])

    // A restart during the next outage knows whom to admit, too.
    await client.stop()
    await node.server.kill()
    const second = aClient([node], { startPatienceMs: 500 }, { clock, store: new SqliteMetagraphStore(db) })
    await second.client.start()
    expect(second.client.status().metagraph).toMatchObject({ origin: 'stored', neuronCount: 2 })
    expect(second.client.current()?.neurons).toEqual(client.current()?.neurons)
    await second.client.stop()
  })
})
