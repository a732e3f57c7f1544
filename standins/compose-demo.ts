import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { openLog } from '#adapters/log/pino-logger'
import { UsageError } from '#core/base/errors/app-error'
import { ShutdownStack } from '#core/base/lifecycle/shutdown-stack'
import { hourMs } from '#core/base/time/units'
import { composeDaemon, type Intake } from '#daemon/compose'
import type { DevOutside } from './compose-devtools.ts'
import { composeValidator } from './compose-validator.ts'
import { marketStartMs } from './demonstration/demo-pace.ts'
import { LeapingClock } from './demonstration/leaping-clock.ts'
import { MarketTime } from './demonstration/market-time.ts'
import type { Fault } from './market/faults.ts'
import { standInSettings, startMarketStandIn } from './market/server.ts'
import { SyntheticMarket } from './market/synthetic/synthetic-market.ts'
import { joinStandInSubnet } from './network/compose-standin.ts'
import { devSettings } from './network/dev-settings.ts'
import type { DevValidator } from './validator/dev-validator.ts'

export interface DemoSettings {
  readonly seed: bigint
  readonly faults: readonly Fault[]
  /** Where the database stays afterwards, with a configuration for the tuner. */
  readonly keepIn?: string
}

/** Market, miner and validator, running on one machine. */
export interface OpenDemo {
  readonly clock: LeapingClock
  readonly marketTime: MarketTime
  readonly realClock: typeof systemClock
  readonly validator: DevValidator
  readonly healthUrl: string
  readonly startAtMs: number
  /** The miner's own log. */
  readonly logFile: string
  readonly intake: Intake
  /** Answers that were made in another way for lack of time. */
  readonly hurried: () => number
  /** What the miner's journal holds, in its own words. */
  readonly journal: () => string | undefined
  /** Ends everything; the folder with the log is removed too unless it must be kept. */
  close(options: { keepFolder: boolean }): Promise<void>
}

const pastMs = 9 * 24 * hourMs

/**
 * The real miner, wired by the same `composeDaemon` and with its default settings. Only these differ: the source of
 * prices, the address that it listens on (loopback, any free port), and its identity, a temporary hotkey in a simulated
 * subnet.
 */
export async function openDemo(settings: DemoSettings, outside: DevOutside): Promise<OpenDemo> {
  const { keepIn } = settings
  const folder = keepIn === undefined ? mkdtempSync(join(tmpdir(), 'volcast-demo-')) : openKept(keepIn)
  const logFile = join(folder, 'miner.log')
  const opened = openLog({
    level: 'info',
    program: 'miner',
    output: { kind: 'file', path: logFile, maxBytes: Number.POSITIVE_INFINITY, keepFiles: 1 },
  })
  const { log, health: logHealth } = opened
  const stack = new ShutdownStack({ log, clock: systemClock })
  const close = async ({ keepFolder }: { keepFolder: boolean }): Promise<void> => {
    await stack.stop()
    await opened.close()
    rmSync(join(folder, 'answers'), { recursive: true, force: true })
    if (!keepFolder && keepIn === undefined) rmSync(folder, { recursive: true, force: true })
  }
  try {
    const startAtMs = marketStartMs
    const clock = new LeapingClock(systemClock, startAtMs)
    const marketTime = new MarketTime(clock)
    const feed = new SyntheticMarket({ seed: settings.seed, originMs: startAtMs - pastMs })
    const market = await stack.use(
      'market',
      startMarketStandIn({ feed, clock: marketTime, realClock: systemClock }, { port: 0, faults: settings.faults }),
    )
    const loaded = devSettings({
      marketUrl: market.url,
      databasePath: join(folder, 'miner.sqlite'),
      axonPort: 0,
      healthPort: 0,
    })
    const daemon = await stack.use(
      'miner',
      // Nothing of the operator's: neither settings nor wallets.
      composeDaemon(loaded, {
        ...outside,
        clock,
        processSeed: settings.seed,
        joinSubnet: joinStandInSubnet,
        log,
        logHealth,
        env: {},
        homeFolder: folder,
      }),
    )
    const answers = join(folder, 'answers')
    mkdirSync(answers)
    const [axon] = daemon.axons
    const { validator } = await stack.use(
      'validator',
      composeValidator(
        { clock, log, runSeed: BigInt(systemClock.nowMs()) },
        { url: `http://127.0.0.1:${axon?.port}`, marketUrl: market.url, folder: answers },
      ),
    )
    const { healthUrl, intake } = daemon
    const journal = () => daemon.board.report().parts['journal']?.sentence
    const hurried = () => {
      const table = daemon.board.report().parts['forecasts']?.table ?? {}
      return Object.values(table).reduce((sum, of) => sum + (of['withIndependentPaths'] ?? 0), 0)
    }
    const time = { clock, marketTime, realClock: systemClock, startAtMs }
    return { ...time, validator, healthUrl, logFile, intake, hurried, journal, close }
  } catch (error) {
    await close({ keepFolder: false })
    throw error
  }
}

/** For the tuner afterwards. Its market is gone then, and the real venues must not be asked about simulated prices. */
function openKept(folder: string): string {
  const database = resolve(folder, 'miner.sqlite')
  if (existsSync(database)) {
    throw new UsageError('USAGE', `${folder} holds a database already.`, {
      hint: 'Name a folder that does not exist yet.',
    })
  }
  mkdirSync(folder, { recursive: true })
  const values = { db: { path: database }, market: standInSettings('http://127.0.0.1:9') }
  writeFileSync(join(folder, 'volcast.yaml'), `${JSON.stringify(values, null, 2)}\n`)
  return resolve(folder)
}
