import { type Command, InvalidArgumentError } from 'commander'
import type { Terminal } from '#core/cli/terminal'
import { LifecycleError } from '#core/errors/app-error'
import { type Fault, parseFaultScript } from '../market/faults.ts'
import { buildReport, type ValidatorReport } from '../validator/report.ts'
import { scoreTable } from '../validator/score-table.ts'
import type { DemoSettings, OpenDemo } from './compose-demo.ts'
import { Demo, leapSpeed, tableNote } from './demo.ts'

export interface DevDemoDeps {
  readonly terminal: Terminal
  readonly openDemo: (settings: DemoSettings) => Promise<OpenDemo>
  /** A parsed YAML or JSON file. */
  readonly readScript: (path: string) => unknown
  readonly writeReport: (path: string, report: ValidatorReport) => void
  /** Resolves when the program is told to stop. */
  readonly untilStopped: () => Promise<unknown>
}

interface DevDemoOptions {
  readonly minutes?: number
  readonly report?: string
  readonly seed?: bigint
  readonly faults?: string
}

/** `miner dev demo`: the whole loop on one machine. */
export function addDevDemoCommand(program: Command, deps: DevDemoDeps): Command {
  return program
    .command('demo')
    .description('market, miner and validator on this machine alone: a made-up market, a throw-away hotkey, no network')
    .option(
      '--minutes <number>',
      'end after about so many minutes of life with a table; without it Ctrl-C ends it',
      toMinutes,
    )
    .option('--report <file>', 'write what was seen as JSON')
    .option('--seed <number>', 'seed of the market (default: 1)', toSeed)
    .option('--faults <file>', 'a fault script (YAML) for the venues, as "miner dev market" takes it')
    .action((options: DevDemoOptions) => runDevDemo(deps, options))
}

/** Also what an unconfigured `npm start` runs. */
export async function runDevDemo(deps: DevDemoDeps, options: DevDemoOptions): Promise<void> {
  const { terminal } = deps
  const faults: readonly Fault[] =
    options.faults === undefined ? [] : parseFaultScript(deps.readScript(options.faults), options.faults)
  const stop = new AbortController()
  const stopped = deps.untilStopped().then(() => stop.abort())
  // The wait for a signal outlives a demonstration that comes to its end; it never fails.
  stopped.catch(() => undefined)
  const say = (line: string) => terminal.write(line)
  for (const line of introduction) say(line)
  const demo = await deps.openDemo({ seed: options.seed ?? 1n, faults })
  let isClean = false
  try {
    const { validator, clock, realClock, startAtMs } = demo
    const startedAtMs = realClock.monotonicMs()
    say(`\nMarket, miner and validator are up. The miner's health page: ${demo.healthUrl}, its log: ${demo.logFile}`)
    await new Demo({ ...demo, say }, { minutes: options.minutes }, stop.signal).run()
    const report = buildReport(validator.tally, {
      startAtMs,
      endAtMs: clock.nowMs(),
      realMs: realClock.monotonicMs() - startedAtMs,
      pending: validator.pending,
      expectsScores: !stop.signal.aborted,
    })
    for (const line of conclusion(report, scoreTable(validator.tally))) say(line)
    if (options.report !== undefined) deps.writeReport(options.report, report)
    const isCutShort = stop.signal.aborted && options.minutes !== undefined
    isClean = report.ok || stop.signal.aborted
    if (isCutShort) throw new LifecycleError('DEMO_STOPPED', 'The demonstration was stopped before its end.')
    if (!report.ok) throw new LifecycleError('DEMO_FAILED', report.problems.join(' '))
  } finally {
    await demo.close({ keepFolder: !isClean })
    if (!isClean) terminal.warn(`The miner's log is kept: ${demo.logFile}`)
  }
}

const introduction = [
  'A demonstration on this machine alone: a made-up market, a throw-away hotkey, no wallet, no network.',
  'The miner is the real one. To mine, name a wallet: npm start -- --wallet.name NAME (docs/config.md has all settings).',
  `Time runs as in life while a request is at work, and up to ${leapSpeed} times faster while everybody waits.`,
]

function conclusion(report: ValidatorReport, table: readonly string[]): string[] {
  const { prompts, badRequests, market } = report
  const { p50, p95 } = prompts.answerMs
  return [
    `\n${prompts.answered} of ${prompts.sent} prompts answered, in ${p50 ?? '-'} ms (median; 95 %: ${p95 ?? '-'} ms); ` +
      `${badRequests.refused} of ${badRequests.sent} bad requests refused.`,
    `${prompts.scored} answers scored, ${prompts.pending} not due yet, ${prompts.unscored} without a price to be scored by; ` +
      `${market.startAt} to ${market.endAt} in ${market.realSeconds} s.`,
    ...(table.length === 0 ? [] : [`\nMean scores over the same prompts (${tableNote}):`, ...table]),
  ]
}

function toMinutes(text: string): number {
  const minutes = Number(text)
  if (!(minutes > 0 && minutes <= 10_000)) throw new InvalidArgumentError('It is a number of minutes, such as 2.')
  return minutes
}

function toSeed(text: string): bigint {
  if (!/^\d{1,19}$/.test(text)) throw new InvalidArgumentError('It is a whole number, such as 7.')
  return BigInt(text)
}
