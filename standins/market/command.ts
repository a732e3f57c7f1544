import { type Command, InvalidArgumentError } from 'commander'
import { examples } from '#core/base/cli/examples'
import type { Terminal } from '#core/base/cli/terminal'
import { UsageError } from '#core/base/errors/app-error'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { ScaledClock } from '#core/base/time/scaled-clock'
import { dayMs, minuteMs } from '#core/base/time/units'
import type { MarketFeed } from '#core/market/minutes/market-feed'
import type { RecordedFeed } from '#core/market/minutes/recorded-feed'
import { toPort, toSeed } from '../options/arguments.ts'
import { standInAssets } from './catalogue.ts'
import { parseFaultScript } from './faults.ts'
import { standInSettings, startMarketStandIn } from './server.ts'
import { SyntheticMarket } from './synthetic/synthetic-market.ts'

export interface DevMarketDeps {
  readonly realClock: Clock
  readonly terminal: Terminal
  readonly log: Logger
  /** Minutes of the given assets from a folder. */
  readonly readRecorded: (folder: string, assets: readonly string[]) => Promise<RecordedFeed>
  /** A parsed YAML or JSON file. */
  readonly readScript: (path: string) => unknown
  /** Resolves when the program is asked to stop. */
  readonly untilStopped: () => Promise<unknown>
}

interface DevMarketOptions {
  readonly dir?: string
  readonly seed?: bigint
  readonly from?: number
  readonly speed: number
  readonly faults?: string
  readonly host: string
  readonly port: number
  readonly hermesKey?: string
  readonly json?: boolean
}

/** How much of the past a simulated market has at its start: enough for a backfill of 30 days. */
const syntheticPastMs = 35 * dayMs

/** `miner dev market`: every venue on one loopback port, from recorded minutes or a simulated market. */
export function addDevMarketCommand(program: Command, deps: DevMarketDeps): Command {
  return program
    .command('market')
    .description('serve every price venue on one local port, from recorded or simulated minutes')
    .option('--dir <folder>', 'serve the minutes of this folder (BTC.csv, ETH.csv.gz, XAU.parquet ...)')
    .option('--seed <number>', 'seed of the simulated market, without --dir (default: 1)', toSeed)
    .option('--from <instant>', 'where the market begins, for example 2025-05-20T00:00:00Z', toInstant)
    .option('--speed <factor>', 'seconds of market time per real second, 1 to 1000', toSpeed, 1)
    .option('--faults <file>', 'a fault script (YAML): what fails at which venue, and when')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes any free one', toPort, 8095)
    .option('--hermes-key <key>', 'let Hermes answer only with this key, as the public host does')
    .option('--json', 'print address and settings as one line of JSON')
    .addHelpText(
      'after',
      examples(
        'miner dev market --seed 7',
        'miner dev market --dir minutes --from 2026-09-24 --speed 500',
        'miner dev market --faults outages.yaml',
      ),
    )
    .action((options: DevMarketOptions) => runDevMarket(deps, options))
}

async function runDevMarket(deps: DevMarketDeps, options: DevMarketOptions): Promise<void> {
  const { realClock, terminal, log } = deps
  const faults = options.faults === undefined ? [] : parseFaultScript(deps.readScript(options.faults), options.faults)
  const market = await openMarket(deps, options)
  const clock = new ScaledClock(realClock, { startAtMs: market.startAtMs, speed: options.speed })
  const standIn = await startMarketStandIn(
    { feed: market.feed, clock, realClock },
    { host: options.host, port: options.port, faults, hermesApiKey: options.hermesKey },
  )
  try {
    const { url } = standIn
    const startAt = new Date(market.startAtMs).toISOString()
    const summary = { url, startAt, speed: options.speed, assets: market.feed.assets(), faults: faults.length }
    log.info({ event: 'dev_market.started', ...summary, assets: summary.assets.join(' ') }, 'Market stand-in ready')
    if (options.json === true) terminal.write(JSON.stringify({ ...summary, market: standInSettings(url) }))
    else for (const line of describe(summary)) terminal.write(line)
    await deps.untilStopped()
  } finally {
    await standIn.stop()
  }
}

async function openMarket(
  deps: DevMarketDeps,
  options: DevMarketOptions,
): Promise<{ feed: MarketFeed; startAtMs: number }> {
  if (options.dir === undefined) {
    // To the millisecond: a validator in real time would take a market that is up to a minute behind for a replay.
    const startAtMs = options.from ?? deps.realClock.nowMs()
    const originMs = Math.floor(startAtMs / minuteMs) * minuteMs - syntheticPastMs
    return { feed: new SyntheticMarket({ seed: options.seed ?? 1n, originMs }), startAtMs }
  }
  const feed = await deps.readRecorded(options.dir, standInAssets)
  if (options.from !== undefined) return { feed, startAtMs: options.from }
  const span = feed.span()
  if (span === undefined) {
    const names = feed.assets().join(', ')
    throw new UsageError('USAGE', `The minutes of ${names} in ${options.dir} have no time in common.`, {
      hint: 'Use --from to say where the market begins; assets without minutes are then silent.',
    })
  }
  // A day into the recording, so that there is a past for estimates, unless the recording is shorter.
  return { feed, startAtMs: Math.min(span.fromMs + dayMs, span.toMs) }
}

function describe(summary: { url: string; startAt: string; speed: number; assets: readonly string[]; faults: number }) {
  const { url, startAt, speed, assets, faults } = summary
  return [
    `# Market stand-in: ${assets.length} assets from ${startAt} at ${speed}x, ${faults} faults scripted.`,
    `# Its time: ${url}/clock. A POST to ${url}/faults adds a fault from now on.`,
    '# Put this into volcast.yaml, or give it as settings:',
    'market:',
    ...Object.entries(standInSettings(url)).flatMap(([section, settings]) => [
      `  ${section}:`,
      ...Object.entries(settings).map(([key, value]) => `    ${key}: ${value}`),
    ]),
  ]
}

function toSpeed(text: string): number {
  const speed = Number(text)
  if (!(speed >= 1 && speed <= 1000)) throw new InvalidArgumentError('It must be between 1 and 1000.')
  return speed
}

function toInstant(text: string): number {
  const atMs = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isFinite(atMs))
    throw new InvalidArgumentError('It must be an instant in UTC, such as 2025-05-20T00:00:00Z.')
  return Math.floor(atMs / minuteMs) * minuteMs
}
