import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { createLogger } from '#adapters/log/pino-logger'
import { loadConfig } from '#core/config/load-config'
import { ShutdownStack } from '#core/lifecycle/shutdown-stack'
import { SyntheticMarket } from '#core/market/synthetic-market'
import { LeapingClock } from '#core/time/leaping-clock'
import { composeDaemon } from '../../compose.ts'
import { DaemonConfig } from '../../config.ts'
import type { Fault } from '../market/faults.ts'
import { standInSettings, startMarketStandIn } from '../market/server.ts'
import { joinStandInSubnet, standInMiner } from '../network/compose-standin.ts'
import { composeValidator } from '../validator/compose-validator.ts'
import type { DevValidator } from '../validator/dev-validator.ts'
import { hourMs, marketStartMs } from './demo-pace.ts'

export interface DemoSettings {
  readonly seed: bigint
  readonly faults: readonly Fault[]
}

export interface DemoOutside {
  readonly packageRoot: string
  readonly version: string
  readonly pid: number
  readonly onBug: (error: unknown) => void
}

/** Market, miner and validator, up and running on one machine. */
export interface OpenDemo {
  readonly clock: LeapingClock
  readonly realClock: typeof systemClock
  readonly validator: DevValidator
  readonly healthUrl: string
  readonly startAtMs: number
  /** The miner's own log. */
  readonly logFile: string
  readonly isReady: () => boolean
  /** Ends everything; the folder with the log goes too unless it is to be kept. */
  close(options: { keepFolder: boolean }): Promise<void>
}

const pastMs = 9 * 24 * hourMs
/** So much of the past the miner fetches at its first start. */
const fillDays = 7

/**
 * The real miner, wired by the same `composeDaemon` and with its default settings, except for where prices come from,
 * where it listens (loopback, any free port), and whom it answers as: a throw-away hotkey in a made-up subnet.
 */
export async function openDemo(settings: DemoSettings, outside: DemoOutside): Promise<OpenDemo> {
  const folder = mkdtempSync(join(tmpdir(), 'volcast-demo-'))
  const logFile = join(folder, 'miner.log')
  const logFd = openSync(logFile, 'a')
  const log = createLogger({ level: 'info', program: 'miner', destinationFd: logFd })
  const stack = new ShutdownStack({ log, clock: systemClock })
  const close = async ({ keepFolder }: { keepFolder: boolean }): Promise<void> => {
    await stack.stop()
    closeSync(logFd)
    if (!keepFolder) rmSync(folder, { recursive: true, force: true })
  }
  try {
    const startAtMs = marketStartMs(systemClock.nowMs())
    const clock = new LeapingClock(systemClock, startAtMs)
    const feed = new SyntheticMarket({ seed: settings.seed, originMs: startAtMs - pastMs })
    const market = await stack.use(
      'market',
      startMarketStandIn({ feed, clock, realClock: systemClock }, { port: 0, faults: settings.faults }),
    )
    const loaded = loadConfig({
      schema: DaemonConfig,
      argv: [],
      env: {},
      file: {
        name: 'the demonstration',
        values: {
          db: { path: join(folder, 'miner.sqlite') },
          market: standInSettings(market.url),
          recorder: { fillDays },
          axon: { host: '127.0.0.1', port: 0 },
          health: { host: '127.0.0.1', port: 0 },
        },
      },
    })
    const { packageRoot, version, pid, onBug } = outside
    const daemon = await stack.use(
      'miner',
      composeDaemon(loaded, {
        clock,
        joinSubnet: joinStandInSubnet,
        log,
        packageRoot,
        version,
        pid,
        // Nothing of the operator's: neither settings nor wallets.
        env: {},
        homeFolder: folder,
        onBug,
      }),
    )
    const answers = join(folder, 'answers')
    mkdirSync(answers)
    const [axon] = daemon.axons
    const { validator } = await stack.use(
      'validator',
      composeValidator(
        { clock, log, runSeed: BigInt(systemClock.nowMs()) },
        {
          url: `http://127.0.0.1:${axon?.port}`,
          receiver: standInMiner.address,
          marketUrl: market.url,
          folder: answers,
        },
      ),
    )
    const isReady = () => daemon.board.report().parts['prices']?.state === 'ok'
    const { healthUrl } = daemon
    return { clock, realClock: systemClock, validator, healthUrl, startAtMs, logFile, isReady, close }
  } catch (error) {
    await close({ keepFolder: false })
    throw error
  }
}
