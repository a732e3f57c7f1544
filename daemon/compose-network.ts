import { ChainClient } from '#adapters/chain/chain-client'
import { routeClientConsole } from '#adapters/chain/client-console'
import { createCronSchedule } from '#adapters/clock/cron-schedule'
import type { Database } from '#adapters/sqlite/database'
import { SqliteMetagraphStore } from '#adapters/sqlite/metagraph-store'
import { SqliteNonceStore } from '#adapters/sqlite/nonce-store'
import { createHotkeyCodec } from '#adapters/sr25519/hotkey-codec'
import { schnorrkelVerifier } from '#adapters/sr25519/schnorrkel-verifier'
import { chainHealth } from '#core/chain/chain-health'
import { MetagraphIndex } from '#core/chain/metagraph-index'
import type { HealthBoard, PartHealth } from '#core/health/health-board'
import type { ShutdownStack } from '#core/lifecycle/shutdown-stack'
import type { Logger } from '#core/log/logger'
import type { SpotPrice } from '#core/paths/spot-price'
import type { Rng } from '#core/random/rng'
import type { RegimeBook } from '#core/regimes/book'
import type { Clock } from '#core/time/clock'
import { AxonCounters } from './axon/metrics.ts'
import { type RunningAxons, startAxons } from './axon/start-axons.ts'
import { announcedEndpoint, resolveChain } from './chain/config.ts'
import { composeForecasts, type ForecastParts } from './compose-forecasts.ts'
import { configuredHotkeys } from './compose-wallet.ts'
import type { DaemonConfig } from './config.ts'
import { chainRefreshJob } from './jobs/chain-refresh.ts'
import { createSynthModule } from './subnets/synth/synth-module.ts'
import { resolveWallet } from './wallet/config.ts'

export interface NetworkParts {
  readonly stack: ShutdownStack
  readonly board: HealthBoard
  readonly db: Database
  readonly spot: SpotPrice
  readonly clock: Clock
  readonly rng: Rng
  readonly log: Logger
  readonly env: Readonly<Record<string, string | undefined>>
  readonly homeFolder: string
  readonly book: RegimeBook
  /** What forecasts are made from and where they are recorded. */
  readonly forecasting: Pick<ForecastParts, 'parameters' | 'readEwma' | 'readMemory' | 'journal' | 'findModel'>
}

/** Hotkeys, chain and axons: the part of the miner that validators see. Without a wallet it stays away from all of it. */
export async function composeNetwork(parts: NetworkParts, config: DaemonConfig): Promise<void> {
  const { stack, board, db, clock, rng, log, env, homeFolder, forecasting } = parts
  const wallet = resolveWallet(config.wallet, { env, homeFolder })
  if (!wallet.isConfigured) {
    board.set('axon', {
      state: 'notConfigured',
      sentence: 'No wallet is named, so validators are not answered and the chain is not asked.',
      hint: 'Set wallet.name and wallet.hotkeys; "miner wallet show" looks at what is there.',
    })
    return
  }
  const signers = await Promise.all(configuredHotkeys(wallet, env).map((hotkey) => hotkey.wallet.unlock()))

  // The chain's client writes to the console by itself; its lines belong into our log.
  await stack.use('client console', { stop: routeClientConsole(log.child({ component: 'chain' }), console) })
  const chain = new ChainClient(
    {
      log: log.child({ component: 'chain' }),
      clock,
      rng: rng.fork('chain'),
      store: new SqliteMetagraphStore(db),
      signers,
    },
    resolveChain(config.chain),
  )
  await stack.use(
    'chain',
    chain.start().then(() => chain),
  )
  board.register('chain', () => chainHealth(chain.status(), config.chain))
  const refresh = chainRefreshJob(
    { log, clock, rng: rng.fork('chain refresh'), schedule: createCronSchedule({ log }), chain },
    { cron: config.chain.refreshCron, jitterMs: config.chain.refreshJitterMs },
  )
  refresh.start()
  await stack.use('chain refresh', refresh)

  const { paths, assets } = await composeForecasts(
    { ...parts, ...forecasting, processSeed: BigInt(clock.nowMs()) },
    config.synth,
  )
  const synth = createSynthModule({ clock, log, paths }, { ...config.synth, assets })
  const metrics = new AxonCounters()
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
        nonces: new SqliteNonceStore(db),
        modules: [synth],
      },
      signers.map(({ address }, index) => ({ address, port: portOf(config.axon.port, index) })),
      config,
    ),
  )
  board.register('axon', () => describeAxons(axons, metrics))
  await announce(chain, axons, config)
}

/** Each hotkey has a port of its own, counting up; 0 leaves the choice to the system. */
function portOf(first: number, index: number): number {
  return first === 0 ? 0 : first + index
}

/** Tells the chain where the axons are, once their ports are open. The client keeps it so from then on. */
async function announce(chain: ChainClient, { axons }: RunningAxons, { chain: config }: DaemonConfig): Promise<void> {
  for (const [index, { hotkey, port }] of axons.entries()) {
    const endpoint = announcedEndpoint(config, { index, port })
    if (endpoint !== undefined) await chain.ensureServed(hotkey, endpoint)
  }
}

function describeAxons({ axons }: RunningAxons, metrics: AxonCounters): PartHealth {
  const ports = axons.map(({ port }) => port).join(', ')
  const refused = [...metrics.refusals.values()].reduce((sum, count) => sum + count, 0)
  return {
    state: 'ok',
    sentence: `Listening on port ${ports}; ${metrics.servedTotal} prompts answered, ${refused} requests refused.`,
  }
}
