import { ChainClient } from '#adapters/chain/chain-client'
import { routeClientConsole } from '#adapters/chain/client-console'
import { createCronSchedule } from '#adapters/clock/cron-schedule'
import { chainHealth } from '#core/bittensor/chain/chain-health'
import { resolveChain } from './chain/config.ts'
import type { JoinSubnet } from './compose-network.ts'
import { configuredHotkeys } from './compose-wallet.ts'
import { chainRefreshJob } from './jobs/chain-refresh.ts'
import { resolveWallet } from './wallet/config.ts'

/** The operator's own hotkeys and the configured chain; without a wallet the miner uses neither. */
export const joinConfiguredSubnet: JoinSubnet = async (parts, config, netuid) => {
  const { stack, board, metagraphs, clock, rng, log, env, homeFolder } = parts
  const wallet = resolveWallet(config.wallet, { env, homeFolder })
  if (!wallet.isConfigured) return undefined
  const signers = await Promise.all(configuredHotkeys(wallet, env).map((hotkey) => hotkey.wallet.unlock()))

  // The chain's client writes to the console by itself; its lines belong in our log.
  await stack.use('client console', { stop: routeClientConsole(log.child({ component: 'chain' }), console) })
  const chain = new ChainClient(
    {
      log: log.child({ component: 'chain' }),
      clock,
      witness: clock,
      rng: rng.fork('chain'),
      store: metagraphs,
      signers,
    },
    resolveChain(config.chain, netuid),
  )
  await stack.use(
    'chain',
    chain.start().then(() => chain),
  )
  const { staleAfterMs } = config.chain
  const { maxMetagraphAgeMs } = config.admission
  board.register('chain', () => chainHealth(chain.status(), { staleAfterMs, maxMetagraphAgeMs }))
  const refresh = chainRefreshJob(
    { log, clock, rng: rng.fork('chain refresh'), schedule: createCronSchedule({ log }), chain },
    { cron: config.chain.refreshCron, jitterMs: config.chain.refreshJitterMs },
  )
  refresh.start()
  await stack.use('chain refresh', refresh)
  return { hotkeys: signers.map(({ address }) => address), chain }
}
