import { ProvenAddressFile, provenAddressPathOf } from '#adapters/files/proven-address-file'
import { createHotkeyCodec } from '#adapters/sr25519/hotkey-codec'
import { schnorrkelVerifier } from '#adapters/sr25519/schnorrkel-verifier'
import type { HealthBoard } from '#core/base/health/health-board'
import type { ShutdownStack } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { Rng } from '#core/base/random/rng'
import type { ClockJudge } from '#core/base/time/clock-judge'
import { ProvenAddresses } from '#core/bittensor/admission/proven-addresses'
import type { Chain } from '#core/bittensor/chain/chain-port'
import type { MetagraphStore } from '#core/bittensor/chain/metagraph'
import { MetagraphIndex } from '#core/bittensor/chain/metagraph-index'
import type { SpotPrice } from '#core/forecast/paths/spot-price'
import type { RegimeBook } from '#core/synth/regimes/book'
import { resolveAxon } from './axon/config.ts'
import { describeAxons } from './axon/describe-axons.ts'
import { LogLimit } from './axon/log-limit.ts'
import { AxonCounters } from './axon/metrics.ts'
import { ProvenKeeper } from './axon/proven-keeper.ts'
import { type RunningAxons, startAxons } from './axon/start-axons.ts'
import { announcedEndpoint, resolveNetuid } from './chain/config.ts'
import { composeNonces } from './compose-nonces.ts'
import type { DaemonConfig } from './config.ts'
import { composeSynth, type ForecastParts } from './subnets/synth/compose.ts'
import { synthNetuids } from './subnets/synth/config.ts'

export interface NetworkParts {
  readonly stack: ShutdownStack
  readonly board: HealthBoard
  readonly metagraphs: MetagraphStore
  readonly spot: SpotPrice
  readonly clock: ClockJudge
  readonly rng: Rng
  readonly log: Logger
  readonly env: Readonly<Record<string, string | undefined>>
  readonly homeFolder: string
  readonly packageRoot: string
  /** When this process got the data folder for itself. */
  readonly lockedAtMonotonicMs: number
  readonly onBug: (error: unknown) => void
  readonly book: RegimeBook
  /** The sources of forecasts, and where they are recorded. */
  readonly processSeed: bigint
  readonly forecasting: Pick<ForecastParts, 'parameters' | 'readEwma' | 'readMemory' | 'journal' | 'findModel'>
}

/** The identity of the miner, and the chain that knows it. */
export interface Membership {
  /** Addresses of the hotkeys, in the order of their ports. */
  readonly hotkeys: readonly string[]
  readonly chain: Chain
}

export interface Network {
  /** Those that listen. */
  readonly axons: RunningAxons['axons']
  /** Of the registered hotkeys, as the chain says now. */
  readonly ownUids: () => readonly number[]
}

/** Opens hotkeys and the chain of this subnet; undefined when none are configured. */
export type JoinSubnet = (parts: NetworkParts, config: DaemonConfig, netuid: number) => Promise<Membership | undefined>

/**
 * Hotkeys, chain and axons: the part of the miner that validators see. Without a wallet there are no axons.
 */
export async function composeNetwork(
  parts: NetworkParts,
  config: DaemonConfig,
  joinSubnet: JoinSubnet,
): Promise<Network> {
  const { stack, board, clock, log, forecasting } = parts
  const netuid = resolveNetuid(config.chain, synthNetuids)
  const membership = await joinSubnet(parts, config, netuid)
  if (membership === undefined) {
    board.set('axon', {
      state: 'notConfigured',
      sentence: 'No wallet is named, so the miner answers no validators and does not use the chain.',
      hint: 'Set wallet.name and wallet.hotkeys; "miner wallet show" lists what exists.',
    })
    return { axons: [], ownUids: () => [] }
  }
  const { chain, hotkeys } = membership

  const synth = await composeSynth({ ...parts, ...forecasting, netuid, firstReceiver: hotkeys[0] }, config.synth)
  const metrics = new AxonCounters()
  const proven = new ProvenAddresses(clock)
  const store = new ProvenAddressFile(provenAddressPathOf(config.db.path))
  await stack.use('proven addresses', ProvenKeeper.start({ clock, log, limit: new LogLimit(clock), proven, store }))
  const axons = await stack.use(
    'axons',
    startAxons(
      {
        clock,
        log,
        metrics,
        metagraph: new MetagraphIndex({ clock, chain }),
        verifier: schnorrkelVerifier,
        codec: createHotkeyCodec(),
        nonces: await composeNonces({ ...parts, isTimeSure: () => clock.isConfirmed() }, config),
        doubt: () => clock.doubt(),
        modules: [synth],
        proven,
      },
      hotkeys.map((address, index) => ({ address, port: portOf(config.axon.port, index) })),
      resolveAxon(config, config.chain.network),
    ),
  )
  board.register('axon', () => describeAxons(axons, metrics))
  await announce(chain, axons, config)
  const ownUids = () =>
    hotkeys.flatMap((address) => {
      const registration = chain.registration(address)
      return registration.state === 'registered' ? [registration.uid] : []
    })
  return { axons: axons.axons, ownUids }
}

/** Each hotkey has its own port, counting up; with 0 the system chooses. */
function portOf(first: number, index: number): number {
  return first === 0 ? 0 : first + index
}

/** Tells the chain where the axons are, once their ports are open. The client keeps it announced from then on. */
async function announce(chain: Chain, { axons }: RunningAxons, { chain: config }: DaemonConfig): Promise<void> {
  for (const [index, { hotkey, port }] of axons.entries()) {
    const endpoint = announcedEndpoint(config, { index, port })
    if (endpoint !== undefined) await chain.ensureServed(hotkey, endpoint)
  }
}
