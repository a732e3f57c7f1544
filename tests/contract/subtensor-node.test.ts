import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ChainConnection } from '#adapters/chain/chain-connection'
import { openConnection } from '#adapters/chain/open-connection'
import type { SubmitOutcome } from '#adapters/chain/submit-serve'
import { systemClock } from '#adapters/clock/system-clock'
import { parseIp } from '#core/bittensor/addresses/ip-address'
import { type AxonAnnouncement, announcementOf } from '#core/bittensor/chain/axon-record'
import { subtensorSpecName } from '#core/bittensor/chain/networks'
import type { HotkeySigner } from '#core/bittensor/wallet/hotkey-signer'
import { aClient } from '#tests/support/chain-fixtures'
import { devSigner } from '#tests/support/dev-signer'
import { FastClock } from '#tests/support/fast-clock'
import { type MetadataSource, metadataSources, type RuntimeName } from '#tests/support/mock-node/runtime'
import { type NodeUnderTest, startMock, startRuntime, whyNoRuntime } from '#tests/support/node-under-test'

const genesisPath = process.env['SUBTENSOR_GENESIS']
const noRuntime = whyNoRuntime(genesisPath)
if (noRuntime !== undefined) console.warn(noRuntime)

const netuid = 50
const rateLimitBlocks = 50
const wanted = announcementOf({ ip: parseIp('203.0.113.9')!, port: 8091 })
/** Every test has hotkeys of its own, so that none sees the nonce or the record of another. */
let round = 0

/** Of the small metadata one of each format; what it is made of does not change with the version. */
const mockRuntimes: Readonly<Record<MetadataSource, readonly RuntimeName[]>> = {
  production: ['424-v16', '393-v16', '293-v14'],
  small: ['424-v16', '293-v14'],
}

/** With the reason why one cannot be tried here, or none. */
const nodes: [string, string, () => Promise<NodeUnderTest>][] = [
  ...metadataSources.flatMap((source) =>
    mockRuntimes[source].map((name): [string, string, () => Promise<NodeUnderTest>] => [
      `our mock node, ${source} metadata ${name}`,
      '',
      () => startMock(name, source),
    ]),
  ),
  [
    'a real runtime under chopsticks',
    noRuntime === undefined ? '' : ` (${noRuntime})`,
    () => startRuntime(genesisPath ?? ''),
  ],
]

describe.each(nodes)('%s%s', (_, skipped, start) => {
  describe.skipIf(skipped !== '')('answers a miner', () => {
    let node: NodeUnderTest
    let connection: ChainConnection
    let miner: HotkeySigner
    let stranger: HotkeySigner

    beforeAll(async () => {
      node = await start()
      connection = await connect()
    }, 120_000)
    afterAll(async () => {
      connection?.close('done')
      await node?.stop()
    })
    beforeEach(async () => {
      round += 1
      miner = devSigner(`//Miner//${round}`)
      stranger = devSigner(`//Stranger//${round}`)
      const hotkeys = [
        ...Array.from({ length: 7 }, (_, i) => devSigner(`//Hot//${round}//${i}`).address),
        miner.address,
      ]
      await node.prepare({ netuid, rateLimitBlocks, hotkeys })
      // We can read the new state once its block has arrived.
      while ((await connection.view().uidOf(miner.address)) === undefined) await new Promise(setImmediate)
    }, 60_000)

    async function connect(): Promise<ChainConnection> {
      const opened = await openConnection(
        { clock: systemClock },
        {
          url: node.url,
          netuid,
          expected: { genesisHash: node.genesisHash, specName: subtensorSpecName },
          connectDeadlineMs: 60_000,
          requestDeadlineMs: 30_000,
          inclusionDeadlineMs: 30_000,
        },
        new AbortController().signal,
      )
      if (!opened.ok) throw new Error(opened.reason)
      return opened.connection
    }

    const submit = (over: Partial<AxonAnnouncement> = {}, signer: HotkeySigner = miner): Promise<SubmitOutcome> =>
      connection.submitServe(signer, { ...wanted, ...over })
    const refused = (name: string) => ({ ok: false, refusal: expect.objectContaining({ name }) as unknown })

    it('with the place of a hotkey, and that another has none', async () => {
      const view = connection.view()
      expect(await view.uidOf(miner.address)).toBe(7)
      expect(await view.uidOf(stranger.address)).toBeUndefined()
      expect(await view.axonOf(miner.address)).toBeUndefined()
      expect(await view.rateLimitBlocks()).toBe(rateLimitBlocks)
      expect(await view.timestampMs()).toBeGreaterThan(Date.UTC(2025, 0, 1))
    })

    it('with a metagraph that can be read, and lets it be signed for', async () => {
      expect(connection.whyNotSign).toBeUndefined()
      const { client } = theClient()
      await client.start()
      const snapshot = client.current()
      expect(snapshot?.neurons.map(({ uid }) => uid)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
      expect(snapshot?.neurons[7]).toMatchObject({ hotkey: miner.address, hasPermit: true, axonIp: '0.0.0.0' })
      expect(snapshot?.block).toBeGreaterThan(0)
      await client.stop()
    })

    it('takes the announcement of a registered hotkey', async () => {
      const outcome = await submit()
      expect(outcome).toMatchObject({ ok: true })
      const hash = outcome.ok ? outcome.blockHash : ''
      expect(await connection.viewAt({ block: 0, hash }).axonOf(miner.address)).toMatchObject(wanted)
    })

    it('refuses a second one within the rate limit', async () => {
      expect(await submit()).toMatchObject({ ok: true })
      await node.produceBlocks(1)
      expect(await submit({ port: 8092 })).toMatchObject(refused('ServingRateLimitExceeded'))
    })

    it('refuses a hotkey that is registered nowhere', async () => {
      expect(await submit({}, stranger)).toMatchObject(refused('HotKeyNotRegisteredInNetwork'))
    })

    it.each(['127.0.0.1', '255.255.255.255', '::1'])('refuses the address %s', async (text) => {
      const ip = parseIp(text)!
      expect(await submit({ ip: ip.value, ipType: ip.family })).toMatchObject(refused('InvalidIpAddress'))
    })

    it('refuses an IPv4 of more than 32 bits', async () => {
      expect(await submit({ ip: 1n << 40n })).toMatchObject(refused('InvalidIpAddress'))
    })

    it.each(['10.0.0.1', '192.168.1.1', '100.64.0.1', '169.254.1.1', '0.0.0.0'])(
      'takes the private address %s, so that we must refuse it ourselves',
      async (text) => {
        expect(await submit({ ip: parseIp(text)!.value })).toMatchObject({ ok: true })
      },
    )

    it('refuses port 0 and takes port 80', async () => {
      expect(await submit({ port: 0 })).toMatchObject(refused('InvalidPort'))
      expect(await submit({ port: 80 })).toMatchObject({ ok: true })
    })

    it('refuses an unknown type of address', async () => {
      expect(await submit({ ipType: 5 })).toMatchObject(refused('BadRequest'))
    })

    it('refuses a signature that is not of these bytes', async () => {
      const forger: HotkeySigner = { ...miner, sign: (message) => miner.sign(Uint8Array.from([...message, 0])) }
      expect(await submit({}, forger)).toMatchObject(refused('BadProof'))
    })

    it('is sent one transaction in five restarts', { timeout: 120_000 }, async () => {
      for (let i = 0; i < 5; i += 1) {
        const { client, log } = theClient()
        await client.start()
        expect(await client.ensureServed(miner.address, { ip: parseIp('203.0.113.9')!, port: 8091 })).toMatchObject({
          state: 'current',
        })
        expect(log.count('axon.announcing')).toBe(i === 0 ? 1 : 0)
        await client.stop()
        await node.produceBlocks(1)
      }
    })

    it('is announced to again after a reorganisation has dropped it', { timeout: 120_000 }, async () => {
      const { client, log } = theClient()
      await client.start()
      await node.produceBlocks(2)
      await client.ensureServed(miner.address, { ip: parseIp('203.0.113.9')!, port: 8091 })
      expect(log.count('axon.announced')).toBe(1)
      await node.reorg(1)
      while (log.count('axon.announced') < 2) {
        await client.refresh()
        await new Promise(setImmediate)
      }
      expect(log.count('axon.announcement_lost')).toBe(1)
      await client.stop()
    })

    function theClient() {
      const expected = { genesisHash: node.genesisHash, specName: subtensorSpecName }
      return aClient([node.url], { netuid, expected }, { clock: new FastClock(1), signers: [miner] })
    }
  })
})
