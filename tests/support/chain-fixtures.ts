import { onTestFinished } from 'vitest'
import { ChainClient, type ChainClientDeps, type ChainClientOptions } from '#adapters/chain/chain-client'
import { routeClientConsole } from '#adapters/chain/client-console'
import { SplitMix64 } from '#core/base/random/rng'
import { parseIp } from '#core/bittensor/addresses/ip-address'
import { subtensorSpecName } from '#core/bittensor/chain/networks'
import { devSigner } from './dev-signer.ts'
import { FastClock } from './fast-clock.ts'
import { MockNode, type MockNodeOptions, mockGenesis } from './mock-node/mock-node.ts'
import { namedRuntime } from './mock-node/runtime.ts'
import type { MockNeuron } from './mock-node/subnet.ts'
import { WatchedLogger } from './watched-logger.ts'

// What the client library tells the console is not what these tests are about.
routeClientConsole(new WatchedLogger(), console)

export const alice = devSigner('//Alice')
export const bob = devSigner('//Bob')

/** The address that tests announce: reserved for documentation, reached by nobody. */
export const publicEndpoint = { ip: parseIp('203.0.113.9')!, port: 8091 }

export function aNeuron(over: Partial<MockNeuron> & { hotkey: string }): MockNeuron {
  return {
    coldkey: bob.address,
    stakeRao: 65_000n * 10n ** 9n,
    hasPermit: true,
    emissionRao: 1_000n,
    incentive: 100,
    registeredAtBlock: 5,
    ...over,
  }
}

/** Alice mines as uid 0, Bob validates as uid 1. */
export const smallSubnet = [aNeuron({ hotkey: alice.address, hasPermit: false }), aNeuron({ hotkey: bob.address })]

/** A subnet of this size with Alice in it, her uid among them. */
export function aFullSubnet(size = 256): MockNeuron[] {
  return Array.from({ length: size }, (_, uid) =>
    aNeuron({ hotkey: uid === 7 ? alice.address : devSigner(`//Hot//${uid}`).address, hasPermit: uid < 16 }),
  )
}

export async function aNode(over: Partial<MockNodeOptions> = {}): Promise<MockNode> {
  const node = await MockNode.start({ runtime: namedRuntime('424-v16'), neurons: smallSubnet, ...over })
  onTestFinished(() => node.server.kill())
  return node
}

export interface ClientUnderTest {
  readonly client: ChainClient
  readonly log: WatchedLogger
  readonly clock: FastClock
}

/** A client of these nodes, ten times faster than real time; it stops with the test. */
export function aClient(
  endpoints: readonly (MockNode | string)[],
  over: Partial<ChainClientOptions> = {},
  deps: Partial<ChainClientDeps> & { clock?: FastClock } = {},
): ClientUnderTest {
  const clock = deps.clock ?? new FastClock(10)
  const log = deps.log instanceof WatchedLogger ? deps.log : new WatchedLogger()
  const client = new ChainClient(
    { rng: new SplitMix64(1n), signers: [alice], log, ...deps, clock },
    {
      endpoints: endpoints.map((endpoint) => (typeof endpoint === 'string' ? endpoint : endpoint.url)),
      expected: { genesisHash: mockGenesis, specName: subtensorSpecName },
      netuid: 50,
      connectDeadlineMs: 100_000,
      requestDeadlineMs: 50_000,
      inclusionDeadlineMs: 60_000,
      headStallMs: 600_000,
      startPatienceMs: 100_000,
      storedGraceMs: 3_600_000,
      allowPrivateIp: false,
      clock: { toleranceMs: 3_000, usualBlockDelayMs: 1_500 },
      ...over,
    },
  )
  onTestFinished(() => client.stop())
  return { client, log, clock }
}
