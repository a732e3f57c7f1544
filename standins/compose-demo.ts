import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { openLog } from '#adapters/log/pino-logger'
import { UsageError } from '#core/base/errors/app-error'
import { ShutdownStack } from '#core/base/lifecycle/shutdown-stack'
import { hourMs } from '#core/base/time/units'
import type { ModelManifest } from '#core/forecast/models/onnx/manifest'
import { horizonLabel, horizonOf } from '#core/synth/prompts/horizon'
import { composeDaemon, type Daemon, type Intake } from '#daemon/compose'
import { readModelManifest } from '#daemon/compose-models'
import type { DevOutside } from './compose-devtools.ts'
import { composeValidator } from './compose-validator.ts'
import { marketStartMs } from './demonstration/demo-pace.ts'
import { LeapingClock } from './demonstration/leaping-clock.ts'
import { MarketTime } from './demonstration/market-time.ts'
import type { Fault } from './market/faults.ts'
import { standInSettings, startMarketStandIn } from './market/server.ts'
import { SyntheticMarket } from './market/synthetic/synthetic-market.ts'
import { joinStandInSubnet, standInHotkeys } from './network/compose-standin.ts'
import { devSettings } from './network/dev-settings.ts'
import type { DevValidator } from './validator/dev-validator.ts'

export interface DemoSettings {
  readonly seed: bigint
  readonly faults: readonly Fault[]
  /** Where the database stays afterwards, with a configuration for the tuner. */
  readonly keepIn?: string
  /** A folder with a model that the miner serves where the model can; the calibrated model is then scored beside it. */
  readonly model?: string
}

export interface ModelUse {
  readonly prompts: number
  readonly answered: number
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
  /** How many of the prompts that the model serves it has answered; undefined without a model. */
  readonly modelUse: () => ModelUse | undefined
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
    const place = {
      marketUrl: market.url,
      databasePath: join(folder, 'miner.sqlite'),
      axonPort: 0,
      healthPort: 0,
    }
    const loaded = devSettings(place, settings.model === undefined ? [] : championFlags(settings.model))
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
    const serves = settings.model === undefined ? undefined : await servesOf(settings.model)
    const [axon] = daemon.axons
    const { validator } = await stack.use(
      'validator',
      composeValidator(
        {
          ...{ clock, log, runSeed: BigInt(systemClock.nowMs()) },
          ...(serves === undefined ? {} : { calibrated: whereItServes(serves, daemon.calibrated) }),
        },
        { url: `http://127.0.0.1:${axon?.port}`, marketUrl: market.url, folder: answers },
      ),
    )
    const { healthUrl, intake } = daemon
    const journal = () => daemon.board.report().parts['journal']?.sentence
    const hurried = () => {
      const table = daemon.board.report().parts['forecasts']?.table ?? {}
      return Object.values(table).reduce((sum, of) => sum + (of['withIndependentPaths'] ?? 0), 0)
    }
    const modelUse = () => {
      if (serves === undefined) return undefined
      const table = daemon.board.report().parts['forecasts']?.table ?? {}
      return useOf(serves, table)
    }
    const time = { clock, marketTime, realClock: systemClock, startAtMs }
    return { ...time, validator, healthUrl, logFile, intake, hurried, modelUse, journal, close }
  } catch (error) {
    await close({ keepFolder: false })
    throw error
  }
}

/** The settings with which an operator serves it: its folder, and its name as the champion of the hotkey. */
function championFlags(model: string): string[] {
  const folder = resolve(model)
  if (!existsSync(join(folder, 'manifest.json'))) {
    throw new UsageError('USAGE', `${folder} has no manifest.json.`, { hint: 'Name the folder of one model.' })
  }
  const champion = `onnx:${basename(folder)}`
  const { miner } = standInHotkeys()
  const champions = { [miner.address]: { low: champion, high: champion } }
  return ['--models.dir', dirname(folder), '--synth.champions', JSON.stringify(champions)]
}

/** Elsewhere the calibrated model answers itself, and there is nothing to compare. */
function whereItServes({ assets, horizons }: Serves, calibrated: Daemon['calibrated']): Daemon['calibrated'] {
  return (question) =>
    assets.includes(question.asset) && horizons.includes(horizonOf(question.stepSeconds * question.stepCount))
      ? calibrated(question)
      : { ok: false, reason: 'the calibrated model answers itself' }
}

/** From the health page's counts by asset and horizon. */
function useOf(
  { assets, horizons }: Serves,
  table: Readonly<Record<string, Readonly<Record<string, number>>>>,
): ModelUse {
  const kinds = assets.flatMap((asset) => horizons.map((horizon) => table[`${asset} ${horizonLabel(horizon)}`]))
  const sumOf = (name: string) => kinds.reduce((sum, of) => sum + (of?.[name] ?? 0), 0)
  return { prompts: sumOf('answers'), answered: sumOf('answers') - sumOf('afterFallback') }
}

type Serves = ModelManifest['serves']

async function servesOf(model: string): Promise<Serves> {
  const reading = await readModelManifest(readFileSync(join(model, 'manifest.json'), 'utf8'))
  if (!reading.ok) throw new UsageError('USAGE', `${model}: ${reading.reason}.`, { hint: 'miner models check FOLDER' })
  return reading.manifest.serves
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
