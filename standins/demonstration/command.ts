import type { Command } from 'commander'
import { examples } from '#core/base/cli/examples'
import type { Terminal } from '#core/base/cli/terminal'
import { LifecycleError } from '#core/base/errors/app-error'
import { counted } from '#core/base/text/counted'
import type { DemoSettings, OpenDemo } from '../compose-demo.ts'
import { type Fault, parseFaultScript } from '../market/faults.ts'
import { toMinutes, toSeed } from '../options/arguments.ts'
import { conclusionLines, failUnlessClean } from '../validator/conclusion.ts'
import { howSure } from '../validator/how-sure.ts'
import { buildReport, type ValidatorReport } from '../validator/report.ts'
import { scoreTable } from '../validator/score-table.ts'
import { Demo, leapSpeed } from './demo.ts'
import { marketStartMs } from './demo-pace.ts'

export interface DevDemoDeps {
  readonly terminal: Terminal
  readonly openDemo: (settings: DemoSettings) => Promise<OpenDemo>
  /** A parsed YAML or JSON file. */
  readonly readScript: (path: string) => unknown
  readonly writeReport: (path: string, report: ValidatorReport) => void
  /** Resolves when the program is asked to stop. */
  readonly untilStopped: () => Promise<unknown>
}

interface DevDemoOptions {
  readonly minutes?: number
  readonly report?: string
  readonly seed?: bigint
  readonly faults?: string
  readonly keep?: string
  readonly model?: string
}

/** `miner dev demo`: the whole loop on one machine. */
export function addDevDemoCommand(program: Command, deps: DevDemoDeps): Command {
  return program
    .command('demo')
    .description('market, miner and validator on this machine only: a simulated market, a temporary hotkey, no network')
    .option(
      '--minutes <number>',
      'as many rounds as take about this many minutes, then a table; without it Ctrl-C ends it',
      toMinutes,
    )
    .option('--report <file>', 'write the report as JSON')
    .option('--seed <number>', 'seed of the market (default: 1)', toSeed)
    .option('--keep <folder>', 'keep the database there, to look at it with the tuner')
    .option('--model <folder>', 'serve this model where it can, with the calibrated model scored beside it')
    .option('--faults <file>', 'a fault script (YAML) for the venues, as for "miner dev market"')
    .addHelpText(
      'after',
      examples('miner dev demo --minutes 1 --report demo.json', 'miner dev demo --minutes 1 --keep demo'),
    )
    .action((options: DevDemoOptions) => runDevDemo(deps, options))
}

/** An unconfigured `npm start` runs this too. */
export async function runDevDemo(deps: DevDemoDeps, options: DevDemoOptions): Promise<void> {
  const { terminal } = deps
  const faults: readonly Fault[] =
    options.faults === undefined ? [] : parseFaultScript(deps.readScript(options.faults), options.faults)
  const stop = new AbortController()
  const stopped = deps.untilStopped().then(() => stop.abort())
  // The wait for a signal may last longer than the demonstration; it never fails.
  stopped.catch(() => undefined)
  const say = (line: string) => terminal.write(line)
  for (const line of introduction) say(line)
  const kept = options.keep === undefined ? {} : { keepIn: options.keep }
  const served = options.model === undefined ? {} : { model: options.model }
  const demo = await deps.openDemo({ seed: options.seed ?? 1n, faults, ...kept, ...served })
  let isClean = false
  try {
    const { validator, clock, realClock, startAtMs } = demo
    const startedAtMs = realClock.monotonicMs()
    say(
      `\nMarket, miner and validator are running. The miner's health page: ${demo.healthUrl}, its log: ${demo.logFile}`,
    )
    const running = new Demo({ ...demo, say }, { minutes: options.minutes }, stop.signal)
    await running.run()
    const report = buildReport(validator.tally, {
      startAtMs,
      endAtMs: clock.nowMs(),
      realMs: realClock.monotonicMs() - startedAtMs,
      pending: validator.pending,
      expectsScores: !stop.signal.aborted,
    })
    for (const line of conclusionLines(report, scoreTable(validator.tally), [
      ...howSure(validator.tally),
      ...howSure(validator.tally, 'calibrated'),
    ]))
      say(line)
    const use = demo.modelUse()
    if (use !== undefined)
      say(`\nThe model answered ${use.answered} of the ${counted(use.prompts, 'prompt')} that it serves.`)
    for (const line of differences(running.hasty, demo.hurried())) say(line)
    const journal = demo.journal()
    if (journal !== undefined) say(`\nThe miner's journal keeps a sample of its answers (journal.sampling): ${journal}`)
    if (options.report !== undefined) deps.writeReport(options.report, report)
    if (use !== undefined && use.answered === 0 && !stop.signal.aborted) {
      const hint = `See model_fallback in ${demo.logFile}`
      throw new LifecycleError('DEMO_FAILED', 'The model answered none of them.', { hint })
    }
    failUnlessClean(report, stop.signal.aborted && options.minutes !== undefined)
    isClean = true
  } finally {
    await demo.close({ keepFolder: !isClean })
    if (!isClean) terminal.warn(`The miner's log is kept: ${demo.logFile}`)
    if (options.keep !== undefined) {
      const day = new Date(marketStartMs).toISOString().slice(0, 10)
      say(`\nKept in ${options.keep}. To score what was served on the day of the demonstration:`)
      say(`npx tuner replay --config ${options.keep}/volcast.yaml --from ${day}`)
    }
  }
}

/** What the speed of this machine has changed in the table. */
function differences(hasty: number, hurried: number): string[] {
  const asked = `${counted(hasty, 'time')} the miner was asked before it had all prices of the moment`
  const made = `${counted(hurried, 'answer')} had no time for arranged paths`
  return [...(hasty > 0 ? [asked] : []), ...(hurried > 0 ? [made] : [])].map(
    (what) => `${what}, because this machine is busy: another run may differ.`,
  )
}

const introduction = [
  'A demonstration on this machine only: a simulated market, a temporary hotkey, no wallet, no network.',
  'The miner is the real one. To mine, name a wallet: npm start -- --wallet.name NAME (docs/config.md lists all settings).',
  `Time runs at real speed while a request is in progress, and up to ${leapSpeed} times faster between requests.`,
]
