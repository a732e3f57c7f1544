import { describe, expect, it } from 'vitest'
import { AppError } from '#core/base/errors/app-error'
import { aClient, alice, aNode, publicEndpoint } from '#tests/support/chain-fixtures'
import { namedRuntime } from '#tests/support/mock-node/runtime'

const otherGenesis = `0x${'bb'.repeat(32)}`

describe('the node serves another chain', () => {
  it.each([
    ['genesis', { genesisHash: otherGenesis }, `genesis is ${otherGenesis}`],
    ['spec name', { specName: 'node-template' }, 'specName is node-template, expected node-subtensor'],
  ])('ends the start with exit 5 when the %s is another one, before anything is signed', async (_, over, words) => {
    const node = await aNode(over)
    const { client, log } = aClient([node])
    const refused = await client.start().then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(refused).toBeInstanceOf(AppError)
    expect(refused).toMatchObject({
      code: 'CHAIN_WRONG',
      exitCode: 5,
      message: expect.stringContaining(words) as string,
    })
    expect(log.entries.find(({ event }) => event === 'chain.refused')).toMatchObject({ word: 'wrong_chain' })
    // It did not even ask for the metadata of a chain that is not ours.
    expect(node.server.requests).not.toContain('state_call')
    expect(node.pool.submissions).toEqual([])
  })

  it('passes a wrong endpoint over when another one is right', async () => {
    const wrong = await aNode({ genesisHash: otherGenesis })
    const right = await aNode()
    const { client, log } = aClient([wrong, right])
    await client.start()
    expect(client.status().connection).toMatchObject({ state: 'connected', endpoint: right.url })
    expect(log.count('chain.refused')).toBe(1)
  })

  it('is suspended, not ended, when the chain changes behind a connection that was lost', async () => {
    const node = await aNode()
    const { client, log } = aClient([node])
    await client.start()
    const metagraph = client.current()
    node.specName = 'node-template'
    node.server.closeConnections()
    await log.first('chain.refused')
    expect(client.status()).toMatchObject({
      connection: { state: 'wrongChain' },
      whyNotSign: 'there is no connection to the chain',
    })
    // Nothing is signed, and what was known of the right chain stays in use.
    expect(await client.ensureServed(alice.address, publicEndpoint)).toMatchObject({ state: 'pending' })
    expect(client.current()).toBe(metagraph)
    expect(node.pool.submissions).toEqual([])
  })

  it('notices a chain that is exchanged under an open connection', async () => {
    const node = await aNode()
    const { client, log } = aClient([node])
    await client.start()
    node.specName = 'node-template'
    node.upgradeTo(namedRuntime('424-v16'))
    await log.first('chain.refused')
    expect(client.status().connection.state).toBe('wrongChain')
  })
})
