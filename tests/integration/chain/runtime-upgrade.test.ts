import { describe, expect, it } from 'vitest'
import { chainHealth } from '#core/bittensor/chain/chain-health'
import { aClient, alice, aNode, publicEndpoint } from '#tests/support/chain-fixtures'
import {
  type MockRuntime,
  namedRuntime,
  typeIdOf,
  withExtensionType,
  withRenamedExtension,
  withRenamedFields,
  withServeArgument,
} from '#tests/support/mock-node/runtime'

const eraTypeId = (runtime: MockRuntime): number =>
  typeIdOf(runtime, ({ type, text }) => type === 'Variant' && text.includes('"Mortal255"'))
const primitiveTypeId = (runtime: MockRuntime, name: string): number =>
  typeIdOf(runtime, ({ type, text }) => type === 'Primitive' && text === `{"primitive":"${name}"}`)

describe('the runtime is upgraded in the middle of a run', () => {
  it('reads the new metadata and goes on, with signing', async () => {
    const node = await aNode({ runtime: namedRuntime('393-v16') })
    const { client, log } = aClient([node])
    await client.start()
    expect(client.status().connection).toMatchObject({ specVersion: 393 })
    const before = client.current()
    node.upgradeTo(namedRuntime('424-v16'))
    await log.first('runtime.upgraded')
    // There is no moment without a metagraph in between.
    expect(client.current()).toBe(before)
    await log.first('chain.connected', (entry) => entry['specVersion'] === 424)
    expect(await client.ensureServed(alice.address, publicEndpoint)).toMatchObject({ state: 'current' })
    expect(client.current()).toMatchObject({ specVersion: 424 })
    expect(node.pool.acceptedCount).toBe(1)
  })

  it('goes on by a runtime that renames fields which admission does not use, and names them once', async () => {
    const runtime = namedRuntime('424-v16')
    const node = await aNode({ runtime })
    const { client, log } = aClient([node])
    await client.start()
    node.upgradeTo(withRenamedFields(runtime, { coldkeys: 'ownrkeys', incentives: 'rewardings' }))
    await log.first('chain.connected', (entry) => entry['specVersion'] === 425)
    await client.refresh()
    expect(await client.refresh()).toMatchObject({ ok: true, neuronCount: 2 })
    expect(client.current()).toMatchObject({
      specVersion: 425,
      neurons: [
        { hotkey: alice.address, coldkey: undefined, incentive: undefined },
        { stakeTao: 65_000, hasPermit: true },
      ],
    })
    expect(log.events().filter((event) => event === 'metagraph.rejected')).toEqual([])
    const named = log.entries.filter(({ event }) => event === 'metagraph.fields_absent')
    expect(named.map(({ absent }) => absent)).toEqual(['coldkeys, incentives'])
  })

  it.each<[string, (runtime: MockRuntime) => MockRuntime, string]>([
    [
      'an unknown transaction extension writes bytes',
      (runtime) => withExtensionType(runtime, 'DrandPriority', 'written', eraTypeId(runtime)),
      'DrandPriority is unknown and not empty',
    ],
    [
      'an unknown transaction extension signs more',
      (runtime) => withExtensionType(runtime, 'SubtensorTransactionExtension', 'signed', eraTypeId(runtime)),
      'SubtensorTransactionExtension is unknown and not empty',
    ],
    [
      'a known transaction extension has other bytes',
      (runtime) => withExtensionType(runtime, 'CheckNonce', 'written', eraTypeId(runtime)),
      'CheckNonce writes variant',
    ],
    [
      'serve_axon takes another type',
      (runtime) => withServeArgument(runtime, 'placeholder2', primitiveTypeId(runtime, 'U16')),
      'placeholder2: u16',
    ],
  ])('signs nothing and goes on serving when %s', async (_, edit, words) => {
    const runtime = namedRuntime('424-v16')
    const node = await aNode({ runtime })
    const { client, log } = aClient([node])
    await client.start()
    await client.ensureServed(alice.address, publicEndpoint)
    node.upgradeTo(edit(runtime))
    const refused = await log.first('runtime.refused')
    expect(refused).toMatchObject({ word: 'runtime_incompatible', specVersion: 425 })
    expect(refused['reason']).toContain(words)
    const announcement = await client.ensureServed(alice.address, { ...publicEndpoint, port: 8099 })
    expect(announcement).toMatchObject({ state: 'pending', reason: expect.stringContaining(words) as string })
    expect(node.pool.submissions).toHaveLength(1)
    expect(client.current()).toMatchObject({ specVersion: 425 })
    expect(chainHealth(client.status(), { staleAfterMs: 300_000, maxMetagraphAgeMs: 604_800_000 })).toMatchObject({
      state: 'degraded',
      sentence: expect.stringContaining(words) as string,
    })
  })

  it('signs rightly where the payment extension bears the name of its wrapper', async () => {
    const runtime = namedRuntime('424-v16')
    const node = await aNode({
      runtime: withRenamedExtension(runtime, 'ChargeTransactionPayment', 'ChargeTransactionPaymentWrapper'),
    })
    const { client } = aClient([node])
    await client.start()
    // The node verifies the signature over the very bytes, tip included.
    expect(await client.ensureServed(alice.address, publicEndpoint)).toMatchObject({ state: 'current' })
  })
})
