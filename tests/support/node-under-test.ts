import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { RpcSocket } from '#adapters/chain/rpc-socket'
import { systemClock } from '#adapters/clock/system-clock'
import { aNeuron } from './chain-fixtures.ts'
import { MockNode, mockGenesis } from './mock-node/mock-node.ts'
import { type MetadataSource, namedRuntime, type RuntimeName } from './mock-node/runtime.ts'

export interface SubnetUnderTest {
  readonly netuid: number
  readonly rateLimitBlocks: number
  /** In the order of their uids. */
  readonly hotkeys: readonly string[]
}

/** What one test file needs of a node, be it our own mock or a real runtime. */
export interface NodeUnderTest {
  readonly url: string
  readonly genesisHash: string
  /** What each test begins with: these hotkeys have places, and nobody has announced anything. */
  prepare(subnet: SubnetUnderTest): Promise<void>
  produceBlocks(count: number): Promise<void>
  /** Drops the newest blocks and makes another one in their place. */
  reorg(depth: number): Promise<void>
  stop(): Promise<void>
}

export async function startMock(runtime: RuntimeName, source: MetadataSource): Promise<NodeUnderTest> {
  const node = await MockNode.start({ runtime: namedRuntime(runtime, source), dialect: 'chopsticks' })
  return {
    url: node.url,
    genesisHash: mockGenesis,
    prepare: async ({ rateLimitBlocks, hotkeys }) => {
      node.rateLimitBlocks = rateLimitBlocks
      node.setNeurons(hotkeys.map((hotkey) => aNeuron({ hotkey })))
      node.produceBlock()
    },
    produceBlocks: async (count) => node.produceBlocks(count),
    reorg: async (depth) => node.reorg(depth),
    stop: () => node.server.kill(),
  }
}

const chopsticksFolder = join(import.meta.dirname, 'chopsticks')

/** The reason why no real runtime can be tested here; undefined when it can. */
export function whyNoRuntime(genesisPath: string | undefined): string | undefined {
  if (genesisPath === undefined || genesisPath === '') return 'skipped: no runtime (SUBTENSOR_GENESIS is not set)'
  if (!existsSync(genesisPath)) return `skipped: no runtime (there is no ${genesisPath})`
  if (existsSync(join(chopsticksFolder, 'node_modules', '@acala-network', 'chopsticks'))) return undefined
  return 'skipped: no runtime (run "npm install --prefix tests/support/chopsticks")'
}

export async function startRuntime(genesisPath: string): Promise<NodeUnderTest> {
  const child = spawn(process.execPath, ['serve.mjs', genesisPath], {
    cwd: chopsticksFolder,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const url = await addressOf(child)
  const socket = await RpcSocket.open(
    { clock: systemClock },
    { url, requestDeadlineMs: 60_000 },
    new AbortController().signal,
  )
  const ask = (method: string, ...params: unknown[]): Promise<unknown> => socket.request(method, params)
  return {
    url,
    genesisHash: String(await ask('chain_getBlockHash', 0)),
    prepare: async (subnet) => {
      await ask('dev_setStorage', subnetStorage(subnet))
      await ask('dev_newBlock', { count: 1 })
    },
    produceBlocks: async (count) => void (await ask('dev_newBlock', { count })),
    reorg: async (depth) => {
      const header = (await ask('chain_getHeader')) as { number: string }
      await ask('dev_setHead', Number.parseInt(header.number, 16) - depth)
      await ask('dev_newBlock', { count: 1 })
    },
    stop: async () => {
      socket.close('done')
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** The first line that is JSON; chopsticks writes its own log besides. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const found = /^\{"url":"(ws:[^"]+)"\}$/m.exec(text)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.on('exit', (code) => reject(new Error(`chopsticks ended with ${code}: ${text}`)))
  })
}

/** A subnet as the runtime keeps it, written without the work of registering each hotkey. */
function subnetStorage({ netuid, rateLimitBlocks, hotkeys }: SubnetUnderTest): object {
  const perUid = <T>(value: (uid: number) => T): [[number, number], T][] =>
    hotkeys.map((_, uid) => [[netuid, uid], value(uid)])
  const column = <T>(value: T): T[] => hotkeys.map(() => value)
  const one = <T>(value: T): [[number], T][] => [[[netuid], value]]
  const owner = hotkeys[0]
  return {
    SubtensorModule: {
      NetworksAdded: one(true),
      SubnetworkN: one(hotkeys.length),
      MaxAllowedUids: one(256),
      Tempo: one(360),
      NetworkRegisteredAt: one(1),
      SubnetMechanism: one(1),
      SubtokenEnabled: one(true),
      SubnetOwner: one(owner),
      SubnetOwnerHotkey: one(owner),
      SubnetTAO: one(50_000_000_000_000),
      SubnetAlphaIn: one(1_000_000_000_000_000),
      SubnetAlphaOut: one(1_000_000_000_000_000),
      ServingRateLimit: one(rateLimitBlocks),
      Keys: perUid((uid) => hotkeys[uid]),
      Uids: hotkeys.map((hotkey, uid) => [[netuid, hotkey], uid]),
      IsNetworkMember: hotkeys.map((hotkey) => [[hotkey, netuid], true]),
      Owner: hotkeys.map((hotkey) => [[hotkey], owner]),
      BlockAtRegistration: perUid(() => 1),
      ValidatorPermit: one(column(true)),
      Active: one(column(true)),
      LastUpdate: one(column(1)),
      Rank: one(column(0)),
      Trust: one(column(0)),
      Consensus: one(column(0)),
      Incentive: one(column(0)),
      Dividends: one(column(0)),
      Emission: one(column(0)),
      ValidatorTrust: one(column(0)),
      PruningScores: one(column(0)),
      Axons: hotkeys.map((hotkey) => [[netuid, hotkey], null]),
    },
  }
}
