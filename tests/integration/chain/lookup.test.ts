import { describe, expect, it, onTestFinished } from 'vitest'
import { ChainLookup } from '#adapters/chain/registration-lookup'
import { subtensorSpecName } from '#core/bittensor/chain/networks'
import { alice, aNode, bob, smallSubnet } from '#tests/support/chain-fixtures'
import { FastClock } from '#tests/support/fast-clock'
import { mockGenesis } from '#tests/support/mock-node/mock-node'

function aLookup(endpoints: readonly string[]) {
  const lookup = new ChainLookup(
    { clock: new FastClock(1) },
    {
      endpoints,
      expected: { genesisHash: mockGenesis, specName: subtensorSpecName },
      netuid: 50,
      connectDeadlineMs: 15_000,
      requestDeadlineMs: 10_000,
    },
  )
  onTestFinished(() => lookup.stop())
  return lookup
}

describe('what "wallet show" asks the chain', () => {
  it('is the place of the hotkey, or that it has none', async () => {
    const node = await aNode({ neurons: [smallSubnet[1]!] })
    const lookup = aLookup([node.url])
    expect(await lookup.registrationOf(bob.address)).toEqual({ state: 'registered', uid: 0 })
    expect(await lookup.registrationOf(alice.address)).toEqual({ state: 'deregistered' })
  })
  it('is asked of the next endpoint when one fails, and unknown when all do', async () => {
    const [dead, wrong, good] = [await aNode(), await aNode({ genesisHash: `0x${'bb'.repeat(32)}` }), await aNode()]
    await dead.server.kill()
    expect(await aLookup([dead.url, wrong.url, good.url]).registrationOf(alice.address)).toMatchObject({ uid: 0 })
    const unknown = await aLookup([dead.url, wrong.url]).registrationOf(alice.address)
    expect(unknown).toMatchObject({ state: 'unknown', reason: expect.stringContaining('ECONNREFUSED') as string })
    expect(unknown).toMatchObject({ reason: expect.stringContaining('genesis is 0xbb') as string })
  })
})
