import { expandMetadata, Metadata, TypeRegistry } from '@polkadot/types'
import { decodeAddress } from '@polkadot/util-crypto'
import { describe, expect, it } from 'vitest'
import { AddressBook, encodeMetagraphCall } from '#adapters/chain/metagraph-call'
import { shapeOf } from '#adapters/chain/type-shape'
import { parseIp } from '#core/bittensor/addresses/ip-address'
import { announcementOf } from '#core/bittensor/chain/axon-record'
import { buildSnapshot } from '#core/bittensor/chain/build-snapshot'
import { askedIndexes, knownMetagraph, knownSelectiveMetagraph } from '#core/bittensor/chain/metagraph-layout'
import { ScaleReader, type ScaleShape } from '#core/bittensor/chain/scale'
import { bob, smallSubnet } from '#tests/support/chain-fixtures'
import { devSigner } from '#tests/support/dev-signer'
import { type MetadataSource, metadataSources, namedRuntime, type RuntimeName } from '#tests/support/mock-node/runtime'
import { decodeAxon, encodeAxon, encodeSelectiveMetagraph } from '#tests/support/mock-node/subnet'
import { hasShared, readSharedJson, skippedWithoutShared } from '#tests/support/shared-files'

const announced = { ...announcementOf({ ip: parseIp('203.0.113.10')!, port: 8091 }), version: 10_002_000 }
const names: RuntimeName[] = ['424-v16', '393-v16', '293-v14']
const runtimes = metadataSources.flatMap((source) => names.map((name) => [name, source] as const))

function registryOf(name: RuntimeName, source: MetadataSource) {
  const registry = new TypeRegistry()
  const metadata = new Metadata(registry, `0x${namedRuntime(name, source).metadata.toString('hex')}`)
  registry.setMetadata(metadata, undefined, undefined, true)
  return { registry, metadata }
}

describe('the vectors of the protocol', () => {
  it.each(runtimes)('V23: the call bytes of serve_axon, runtime %s, %s metadata', (name, source) => {
    const { registry, metadata } = registryOf(name, source)
    const { version, ip, port, ipType, protocol, placeholder1, placeholder2 } = announced
    const { tx } = expandMetadata(registry, metadata)
    const call = tx['subtensorModule']!['serveAxon']!(
      50,
      version,
      ip,
      port,
      ipType,
      protocol,
      placeholder1,
      placeholder2,
    )
    expect(call.toHex()).toBe('0x07043200509e98000a7100cb0000000000000000000000009b1f04040000')
  })

  it('V24: the bytes of an announcement', () => {
    const record = { ...announced, block: 6_000_000 }
    const hex = '808d5b0000000000509e98000a7100cb0000000000000000000000009b1f04040000'
    expect(encodeAxon(record).toString('hex')).toBe(hex)
    expect(decodeAxon(Buffer.from(hex, 'hex'))).toEqual(record)
  })

  it.each(runtimes)('V25: the storage keys, runtime %s, %s metadata', (name, source) => {
    const { keyOf } = namedRuntime(name, source)
    const key = (item: string, ...parts: unknown[]): string => keyOf('subtensorModule', item, ...parts)
    const pallet = '0x658faa385070e074c85bf6b568cf0555'
    const hashed = `4f9aea1afa791265fae359272badc1cf${Buffer.from(bob.publicKey).toString('hex')}`
    expect(key('uids', 50, bob.address)).toBe(`${pallet}aab1b4e78e1ea8305462ee53b3686dc83200${hashed}`)
    expect(key('axons', 50, bob.address)).toBe(`${pallet}b4e0c7b1d5f74994fcd58c28ab601fec3200${hashed}`)
    expect(key('isNetworkMember', bob.address, 50)).toBe(`${pallet}ea6aa4e81a33d2c120ef55203e0eb560${hashed}3200`)
    expect(key('keys', 50, 7)).toBe(`${pallet}9f99a2ce711f3a31b2fc05604c93f17932000700`)
    expect(key('validatorPermit', 50)).toBe(`${pallet}56af5b07ace59da2c9d7f0d48bc931433200`)
    expect(key('subnetworkN', 50)).toBe(`${pallet}a1048e9d244171852dfe8db314dc68ca3200`)
    expect(key('servingRateLimit', 50)).toBe(`${pallet}1fbba053865c94fcc1b417b41cc9e63a3200`)
  })

  it('V26: the parameters of the selective metagraph', () => {
    expect(encodeMetagraphCall(50, [7, 52, 53, 55, 57, 59, 60, 62, 67, 68, 69])).toBe(
      '0x32002c070034003500370039003b003c003e00430044004500',
    )
  })

  it('V8, V9: the development keys', () => {
    expect(devSigner('//Alice').address).toBe('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY')
    expect(Buffer.from(decodeAddress(bob.address)).toString('hex')).toBe(
      '8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48',
    )
  })
})

function describedMetagraph(name: RuntimeName, method: string): ScaleShape {
  const { registry, metadata } = registryOf(name, 'production')
  const api = metadata.asLatest.apis.find((one) => one.name.toString() === 'SubnetInfoRuntimeApi')
  return shapeOf(registry.lookup, api!.methods.find((one) => one.name.toString() === method)!.output)
}

describe.skipIf(!hasShared)(`the layout of the metagraph${skippedWithoutShared}`, () => {
  const origin = {
    netuid: 50,
    genesisHash: '0x',
    specVersion: 0,
    takenAtMs: 1,
    block: 1,
    addressOf: (key: Uint8Array) => new AddressBook().addressOf(key),
  }

  it.each(['424-v16', '393-v16'] as const)('that we know is the one that the metadata %s describes', (name) => {
    const indexes = [7, 30, 52, 53, 55, 57, 59, 60, 61, 62, 66, 67, 68, 69]
    expect(askedIndexes(knownSelectiveMetagraph)).toEqual(indexes)
    expect(askedIndexes(describedMetagraph(name, 'get_selective_metagraph'))).toEqual(indexes)
    expect(askedIndexes(describedMetagraph(name, 'get_metagraph'))).toEqual(indexes)
    const names = (shape: ScaleShape): string[] =>
      shape.kind === 'option' && shape.of.kind === 'struct' ? shape.of.fields.map((field) => field.name) : []
    expect(names(describedMetagraph(name, 'get_metagraph')).slice(0, 70)).toEqual(names(knownMetagraph))
  })

  it.each(['424-v16', '393-v16'] as const)(
    'is written by the mock node as the client library writes it, %s',
    (name) => {
      const { registry, metadata } = registryOf(name, 'production')
      const api = metadata.asLatest.apis.find((one) => one.name.toString() === 'SubnetInfoRuntimeApi')!
      const method = api.methods.find((one) => one.name.toString() === 'get_selective_metagraph')!
      const record = { ...announced, block: 7 }
      const options = {
        block: 123_456,
        indexes: askedIndexes(knownSelectiveMetagraph),
        axonOf: (hotkey: string) => (hotkey === bob.address ? record : undefined),
      }
      const column = <T>(cell: (neuron: (typeof smallSubnet)[number]) => T): T[] => smallSubnet.map(cell)
      const typed = registry.createType(registry.lookup.getTypeDef(method.output).type, {
        netuid: 0,
        block: 123_456,
        numUids: smallSubnet.length,
        hotkeys: column(({ hotkey }) => hotkey),
        coldkeys: column(({ coldkey }) => coldkey),
        axons: column(({ hotkey }) => (hotkey === bob.address ? record : {})),
        validatorPermit: column(({ hasPermit }) => hasPermit),
        lastUpdate: column(({ registeredAtBlock }) => registeredAtBlock),
        emission: column(({ emissionRao }) => emissionRao),
        dividends: column(() => 0),
        incentives: column(({ incentive }) => incentive),
        blockAtRegistration: column(({ registeredAtBlock }) => registeredAtBlock),
        alphaStake: column(({ stakeRao }) => stakeRao),
        taoStake: column(() => 0),
        totalStake: column(({ stakeRao }) => stakeRao),
      })
      const byHand = encodeSelectiveMetagraph(smallSubnet, options)
      expect(byHand.toString('hex')).toBe(Buffer.from(typed.toU8a()).toString('hex'))
      const read = buildSnapshot(
        new ScaleReader(byHand).read(describedMetagraph(name, 'get_selective_metagraph')),
        origin,
      )
      expect(read).toMatchObject({
        ok: true,
        snapshot: { block: 123_456, neurons: [{ axonIp: '0.0.0.0' }, { hotkey: bob.address, axonIp: '203.0.113.10' }] },
      })
    },
  )

  it('reads what the real runtime 293 answered for 256 neurons', () => {
    const { getMetagraph } = readSharedJson('chain', 'recorded-293.json') as { getMetagraph: string }
    const bytes = Buffer.from(getMetagraph.slice(2), 'hex')
    const result = buildSnapshot(new ScaleReader(bytes).read(knownMetagraph), { ...origin, specVersion: 293 })
    if (!result.ok) throw new Error(result.reason)
    const { neurons, block } = result.snapshot
    expect(block).toBe(137)
    expect(neurons).toHaveLength(256)
    for (const { uid, hotkey } of neurons) {
      expect(hotkey).toBe(devSigner(uid === 7 ? '//Miner' : `//Hot/${uid}`).address)
    }
    expect(neurons.filter(({ hasPermit }) => hasPermit).map(({ uid }) => uid)).toEqual(
      Array.from({ length: 16 }, (_, i) => i),
    )
    expect(neurons[7]).toMatchObject({ axonIp: '203.0.113.9', axonPort: 8093, axonBlock: 124 })
    expect(new Set(neurons.map(({ coldkey }) => coldkey))).toEqual(new Set([devSigner('//Cold').address]))
  })
})
