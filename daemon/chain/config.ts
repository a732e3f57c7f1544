import { validate } from 'node-cron'
import { z } from 'zod'
import { ms } from '#core/base/config/fields'
import { dayMs } from '#core/base/time/units'
import { parseIp } from '#core/bittensor/addresses/ip-address'
import type { AxonEndpoint } from '#core/bittensor/chain/axon-record'
import { ChainError } from '#core/bittensor/chain/chain-error'
import type { ChainIdentity } from '#core/bittensor/chain/chain-identity'
import type { ClockLimits } from '#core/bittensor/chain/clock-skew'
import { type Netuids, type NetworkPreset, networks, subtensorSpecName } from '#core/bittensor/chain/networks'

const isWebSocketUrl = (text: string): boolean => /^wss?:\/\/[^/\s]+/.test(text)
const isIpv4 = (text: string): boolean => parseIp(text)?.family === 4

/** The section `chain`. */
export const chainConfigFields = {
  network: z
    .enum(['finney', 'test', 'local'])
    .default('finney')
    .describe('Which chain; sets the defaults of the next three'),
  endpoints: z
    .array(z.string().refine(isWebSocketUrl, 'An endpoint begins with ws:// or wss://'))
    .min(1)
    .optional()
    .describe('Nodes to ask, the first one first; the others take over when it fails'),
  netuid: z.int().min(0).max(65_535).optional().describe('The subnet: 50 on finney, 247 on test'),
  genesisHash: z
    .string()
    .regex(/^0x[0-9a-fA-F]{64}$/, 'A genesis hash is 0x and 64 hex digits')
    .optional()
    .describe('Hash of block 0, which identifies the chain; required for a local chain'),
  externalIp: z
    .string()
    .refine(isIpv4, 'It must be an IPv4 address such as 203.0.113.9')
    .optional()
    .describe('Public IPv4 address to announce; without one nothing is announced'),
  externalPort: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe('Port to announce if a router maps it; otherwise the port of the axon. Further hotkeys count up from it'),
  allowPrivateIp: z
    .boolean()
    .default(false)
    .describe('Announce addresses that cannot be reached from outside; for tests'),
  refreshCron: z
    .string()
    .refine(validate, 'It is not a cron expression')
    .default('* * * * *')
    .describe('When to read registration, metagraph and announcement (cron, UTC)'),
  refreshJitterMs: ms().default(5_000).describe('Each refresh waits a random part of this'),
  connectDeadlineMs: ms().min(1).default(15_000).describe('Time for a node to be connected and checked'),
  requestDeadlineMs: ms().min(1).default(10_000).describe('Time for a node to answer one request'),
  inclusionDeadlineMs: ms().min(1).default(90_000).describe('Time for a transaction to be in a block'),
  headStallMs: ms().min(1).default(120_000).describe('A node without a new block for this long is replaced'),
  startPatienceMs: ms().default(20_000).describe('How long a start waits for the chain before it continues without it'),
  storedGraceMs: ms()
    .default(7 * dayMs)
    .describe('Age up to which a stored metagraph is used when no node answers at start; default 7 days'),
  staleAfterMs: ms().default(300_000).describe('Age at which a metagraph makes the health degraded'),
  clockToleranceMs: ms()
    .default(3_000)
    .describe("Largest difference of this computer's clock before the health is degraded"),
  usualBlockDelayMs: ms()
    .default(1_500)
    .describe('Usual delay of a block from the beginning of its slot until it reaches us'),
}

export type ChainConfig = z.output<z.ZodObject<typeof chainConfigFields>>

/** What the chain client needs. */
export interface ChainSettings extends Omit<ChainConfig, 'network' | 'endpoints' | 'netuid' | 'genesisHash'> {
  readonly endpoints: readonly string[]
  readonly netuid: number
  readonly expected: ChainIdentity
  readonly clock: ClockLimits
}

/** The operator's own subnet, otherwise the module's subnet on this network. */
export function resolveNetuid({ network, netuid }: Pick<ChainConfig, 'network' | 'netuid'>, netuids: Netuids): number {
  return netuid ?? netuids[network]
}

/** Pure: the chosen network, with the operator's settings on top. */
export function resolveChain(config: ChainConfig, netuid: number): ChainSettings {
  const preset: NetworkPreset = networks[config.network]
  const genesisHash = config.genesisHash ?? preset.genesisHash
  if (genesisHash === undefined) {
    throw new ChainError('CHAIN_GENESIS_UNKNOWN', `The network "${config.network}" has no genesis hash of its own.`)
  }
  return {
    ...config,
    endpoints: config.endpoints ?? preset.endpoints,
    netuid,
    expected: { genesisHash, specName: subtensorSpecName },
    clock: { toleranceMs: config.clockToleranceMs, usualBlockDelayMs: config.usualBlockDelayMs },
  }
}

/** What the n-th hotkey announces, whose axon listens on this port; undefined when nothing is announced. */
export function announcedEndpoint(
  settings: Pick<ChainSettings, 'externalIp' | 'externalPort'>,
  axon: { index: number; port: number },
): AxonEndpoint | undefined {
  const ip = settings.externalIp === undefined ? undefined : parseIp(settings.externalIp)
  if (ip === undefined) return undefined
  return { ip, port: settings.externalPort === undefined ? axon.port : settings.externalPort + axon.index }
}
