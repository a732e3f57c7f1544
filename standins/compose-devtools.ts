import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { logOutput } from '#adapters/log/log-output'
import { logToTerminal, openLog } from '#adapters/log/pino-logger'
import { followStandInClock } from '#adapters/market/follow-clock'
import type { LastLog } from '#core/base/lifecycle/last-log'
import type { ScaledClock } from '#core/base/time/scaled-clock'
import type { Uptime } from '#core/base/time/trusted-time'
import { composeDaemon, type Daemon } from '#daemon/compose'
import { joinConfiguredSubnet } from '#daemon/compose-membership'
import { resolveWallet } from '#daemon/wallet/config'
import { composeValidator } from './compose-validator.ts'
import { joinStandInSubnet } from './network/compose-standin.ts'
import { devSettings } from './network/dev-settings.ts'
import type { OpenValidator } from './validator/command.ts'

export interface DevOutside {
  readonly packageRoot: string
  readonly version: string
  readonly pid: number
  readonly onBug: (error: unknown) => void
  readonly reportBugsTo: (log: LastLog) => void
}

/**
 * The miner in the time of a market stand-in that runs elsewhere; its data are removed when it stops, unless `db.path`
 * is set. With `wallet.name` it joins the chain that its settings name, for example one on this machine, instead of the
 * simulated subnet.
 */
export async function openDevDaemon(
  options: { marketUrl: string; port: number; healthPort: number; settings: readonly string[] },
  outside: DevOutside,
): Promise<Daemon> {
  const clock = await followStandInClock(options.marketUrl, systemClock)
  const folder = mkdtempSync(join(tmpdir(), 'volcast-dev-'))
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  try {
    const place = {
      marketUrl: options.marketUrl,
      databasePath: join(folder, 'miner.sqlite'),
      axonPort: options.port,
      healthPort: options.healthPort,
    }
    const loaded = devSettings(place, options.settings)
    const { log: settings, wallet } = loaded.config
    const ownWallet = resolveWallet(wallet, { env: {}, homeFolder: folder }).isConfigured
    const opened = openLog({ level: settings.level, program: 'miner', output: logOutput(settings) })
    outside.reportBugsTo(opened)
    const daemon = await composeDaemon(loaded, {
      ...outside,
      clock,
      ...(ownWallet
        ? { joinSubnet: joinConfiguredSubnet, uptime: uptimeIn(options.marketUrl, clock) }
        : { joinSubnet: joinStandInSubnet }),
      log: opened.log,
      logHealth: opened.health,
      env: {},
      homeFolder: folder,
    })
    const stop = () =>
      daemon
        .stop()
        .finally(removeFolder)
        .finally(() => opened.close())
    return { ...daemon, stop }
  } catch (error) {
    removeFolder()
    throw error
  }
}

/** For a miner on a chain, whose clock is checked as in life: the market runs on whatever happens to the wall clock. */
function uptimeIn(marketUrl: string, clock: ScaledClock): Uptime {
  return { bootId: `market ${marketUrl}`, uptimeMs: () => clock.startAtMs + clock.monotonicMs() }
}

/** The validator in the time of a market stand-in that runs elsewhere. */
export async function openDevValidator(options: {
  url: string
  marketUrl: string
  receiver: string | undefined
}): Promise<OpenValidator> {
  const clock = await followStandInClock(options.marketUrl, systemClock)
  const folder = mkdtempSync(join(tmpdir(), 'volcast-dev-'))
  const log = logToTerminal({ level: 'warn', program: 'miner' })
  const parts = { clock, log, runSeed: BigInt(systemClock.nowMs()) }
  const { validator, stop } = composeValidator(parts, { ...options, folder })
  return {
    validator,
    clock,
    realClock: systemClock,
    stop: async () => {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
