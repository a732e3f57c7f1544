import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, vi } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { dayMs, minuteMs } from '#core/base/time/units'
import type { MarketFeed } from '#core/market/minutes/market-feed'
import { standInSettings, startMarketStandIn } from '#standins/market/server'
import { SyntheticMarket } from '#standins/market/synthetic/synthetic-market'
import { aNeuron } from './chain-fixtures.ts'
import { alice, bob, hotkeyFromSeed } from './hotkeys.ts'
import { nextNonceNs } from './live-axon.ts'
import { type MockNode, mockGenesis } from './mock-node/mock-node.ts'
import { type RunningMiner, startMiner } from './programs.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { isoSeconds, promptBody, v10Headers } from './validator-request.ts'

const bobsSeed = '0x398f0c28f98885e046333d4a41c19cee4c37368a9832c6502f6cfd182e2aef89'
const secondSeed = createHash('sha256').update('the second hotkey').digest()
/** In Bob's wallet too, as "second"; by default nobody mines with it. */
export const secondHotkey = hotkeyFromSeed(secondSeed)

/** Bob mines, Alice validates. */
export const chainedSubnet = [
  aNeuron({ hotkey: bob.address, hasPermit: false }),
  aNeuron({ hotkey: alice.address, stakeRao: 70_000n * 10n ** 9n }),
]

export interface ChainedMiner {
  readonly miner: RunningMiner
  /** Where validators ask. */
  readonly axonUrl: string
}

/** The whole program with Bob's wallet, on this node and beside a simulated market. A folder may be used again. */
export async function startChainedMiner(
  node: MockNode,
  { cwd = temporaryFolder(), env = {}, feed }: { cwd?: string; env?: NodeJS.ProcessEnv; feed?: MarketFeed } = {},
): Promise<ChainedMiner> {
  const market = await aMarket(feed)
  putBobsWalletInto(cwd)
  const settings = {
    market,
    wallet: { path: join(cwd, 'wallets'), name: 'miner' },
    chain: { network: 'local', endpoints: [node.url], netuid: 50, genesisHash: mockGenesis },
    axon: { host: '127.0.0.1', port: 0 },
    health: { port: 0 },
  }
  writeFileSync(join(cwd, 'volcast.yaml'), JSON.stringify(settings))
  // The environment beats the file, and by default it closes the venues.
  const venues = Object.fromEntries(
    Object.entries(market).map(([venue, { baseUrl }]) => [
      `VOLCAST_MARKET_${venue.replace(/([A-Z])/g, '_$1').toUpperCase()}_BASE_URL`,
      baseUrl,
    ]),
  )
  const miner = await startMiner([], { cwd, env: { ...venues, ...env } })
  const listening = miner.lines
    .map((line) => JSON.parse(line) as { event: string; port?: number })
    .find(({ event }) => event === 'axon.listening')
  return { miner, axonUrl: `http://127.0.0.1:${listening?.port}/Simulation` }
}

/** A request of Alice, as it goes over the wire. */
export interface AliceAsks {
  readonly headers: Record<string, string>
  readonly body: string
}

export function aliceAsks(): AliceAsks {
  const body = promptBody({
    ...{ asset: 'BTC', time_increment: 300, time_length: 86_400, num_simulations: 100 },
    start_time: isoSeconds(Math.ceil(Date.now() / minuteMs) * minuteMs + minuteMs),
  })
  const facts = { sender: alice, receiver: bob.address, nonceNs: nextNonceNs(), timeout: '115' }
  return { headers: v10Headers(facts), body }
}

/** The status, and the code of a refusal. */
export async function ask(
  { axonUrl }: ChainedMiner,
  { headers, body } = aliceAsks(),
): Promise<{ readonly status: number; readonly code: string | undefined }> {
  const answer = await fetch(axonUrl, { method: 'POST', headers, body })
  const { code } = (await answer.json()) as { code?: string }
  return { status: answer.status, code }
}

/** A start has no price yet, hears few blocks and takes no nonce from before it. Returns what was answered. */
export function askUntilAnswered(miner: ChainedMiner): Promise<AliceAsks> {
  return vi.waitFor(
    async () => {
      const asked = aliceAsks()
      expect(await ask(miner, asked)).toMatchObject({ status: 200 })
      return asked
    },
    { timeout: 60_000, interval: 250 },
  )
}

/** As the health page tells it. */
export async function partOf({ miner }: ChainedMiner, name: string): Promise<unknown> {
  const health = (await (await fetch(`${miner.healthUrl}/health`)).json()) as { parts: Record<string, unknown> }
  return health.parts[name]
}

async function aMarket(feed: MarketFeed = new SyntheticMarket({ seed: 3n, originMs: Date.now() - 2 * dayMs })) {
  const standIn = await startMarketStandIn({ feed, clock: systemClock, realClock: systemClock })
  onTestFinished(() => standIn.stop())
  return standInSettings(standIn.url)
}

function putBobsWalletInto(cwd: string): void {
  const hotkeys = join(cwd, 'wallets', 'miner', 'hotkeys')
  if (existsSync(hotkeys)) return
  mkdirSync(hotkeys, { recursive: true })
  const keys = { default: [bob, bobsSeed], second: [secondHotkey, `0x${secondSeed.toString('hex')}`] } as const
  for (const [name, [{ address }, secretSeed]] of Object.entries(keys)) {
    const key = { accountId: null, publicKey: null, ss58Address: address, secretSeed }
    writeFileSync(join(hotkeys, name), JSON.stringify(key), { mode: 0o600 })
  }
}
