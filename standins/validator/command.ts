import type { Command } from 'commander'
import { examples } from '#core/base/cli/examples'
import type { Terminal } from '#core/base/cli/terminal'
import type { Stoppable } from '#core/base/lifecycle/shutdown-stack'
import type { Clock } from '#core/base/time/clock'
import { toMinutes, toUrl } from '../options/arguments.ts'
import { conclusionLines, failUnlessClean } from './conclusion.ts'
import type { DevValidator } from './dev-validator.ts'
import { buildReport, type ValidatorReport } from './report.ts'
import { runValidator } from './run-validator.ts'
import { scoreTable } from './score-table.ts'

export interface DevValidatorCommandDeps {
  readonly terminal: Terminal
  readonly openValidator: (options: {
    url: string
    marketUrl: string
    receiver: string | undefined
  }) => Promise<OpenValidator>
  readonly writeReport: (path: string, report: ValidatorReport) => void
  /** Resolves when the program is asked to stop. */
  readonly untilStopped: () => Promise<unknown>
}

export interface OpenValidator extends Stoppable {
  readonly validator: DevValidator
  readonly clock: Clock
  readonly realClock: Clock
}

interface DevValidatorOptionsGiven {
  readonly url: string
  readonly market: string
  readonly hotkey?: string
  readonly minutes?: number
  readonly report?: string
}

/** `miner dev validator`: sends prompts to a miner that runs in another process. */
export function addDevValidatorCommand(program: Command, deps: DevValidatorCommandDeps): Command {
  return program
    .command('validator')
    .description('send prompts to a development miner as a validator would, check and score its answers')
    .option('--url <address>', "the miner's axon", toUrl, 'http://127.0.0.1:8091')
    .option('--market <address>', 'the market stand-in of the miner', toUrl, 'http://127.0.0.1:8095')
    .option('--hotkey <address>', 'hotkey of the miner; by default that of "miner dev daemon"')
    .option('--minutes <number>', 'end after this many minutes of real time; without it Ctrl-C ends it', toMinutes)
    .option('--report <file>', 'write the report as JSON')
    .addHelpText(
      'after',
      `\nIt needs two other terminals with: miner dev market --speed 20, and\nminer dev daemon. Prompts of an hour are scored 62 minutes of market time later,\nthose of a day 24 hours later.\n${examples('miner dev validator --minutes 5 --report report.json')}`,
    )
    .action((options: DevValidatorOptionsGiven) => runDevValidator(deps, options))
}

async function runDevValidator(deps: DevValidatorCommandDeps, options: DevValidatorOptionsGiven): Promise<void> {
  const { terminal } = deps
  const stop = new AbortController()
  void deps.untilStopped().then(() => stop.abort())
  const say = (line: string) => terminal.write(line)
  const open = await deps.openValidator({ url: options.url, marketUrl: options.market, receiver: options.hotkey })
  try {
    const { validator, clock, realClock } = open
    const [startAtMs, startedAtMs] = [clock.nowMs(), realClock.monotonicMs()]
    say(`Sending prompts to ${options.url} from ${new Date(startAtMs).toISOString()} on, market time.`)
    await runValidator({ clock, realClock, validator, say }, { minutes: options.minutes }, stop.signal)
    const report = buildReport(validator.tally, {
      startAtMs,
      endAtMs: clock.nowMs(),
      realMs: realClock.monotonicMs() - startedAtMs,
      pending: validator.pending,
      // How much becomes final depends on the speed of the market.
      expectsScores: false,
    })
    for (const line of conclusionLines(report, scoreTable(validator.tally))) say(line)
    if (options.report !== undefined) deps.writeReport(options.report, report)
    failUnlessClean(report, stop.signal.aborted && options.minutes !== undefined)
  } finally {
    await open.stop()
  }
}
