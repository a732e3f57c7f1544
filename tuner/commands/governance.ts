import { type Command, InvalidArgumentError, Option } from 'commander'
import { examples } from '#core/base/cli/examples'
import type { Logger } from '#core/base/log/logger'
import type { Horizon } from '#core/synth/prompts/horizon'
import { heldOutDays, leastEvidence } from '#core/tuning/governance/evidence'
import { readHorizon } from '../options/horizon.ts'
import type { ReasonOptions } from './governance/ask-reason.ts'
import { type BlendOptions, blend } from './governance/blend.ts'
import { check } from './governance/check.ts'
import { type ClockOptions, correctFirstStart, correctTime, trustClock } from './governance/clock.ts'
import type { GovernanceDeps, JsonOption } from './governance/context.ts'
import { type CurrentOptions, showCurrent } from './governance/current.ts'
import { type HistoryOptions, showHistory } from './governance/history.ts'
import { observe } from './governance/observe.ts'
import { evidenceId, type ProposeOptions, propose } from './governance/propose.ts'
import { changeNumber, revert } from './governance/revert.ts'
import { type SuggestOptions, suggest } from './governance/suggest.ts'

const namesOfParameters = 'such as level_low, memory_high, lambda, champion_low, blend_high.ewma'

/** All commands that show or change the parameters of the models; docs/governance.md has the rules. */
export function addGovernanceCommands(program: Command, deps: GovernanceDeps & { readonly log: Logger }): void {
  program
    .command('check')
    .description('may this parameter be changed now? Exit 0: yes, 1: not yet')
    .argument('<asset>', 'such as BTC')
    .argument('<parameter>', namesOfParameters)
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner check BTC level_low', 'tuner check XAU champion_low --json'))
    .action((asset: string, parameter: string, options: JsonOption) => check(deps, { asset, parameter }, options))

  program
    .command('propose')
    .description('change a parameter if the gate allows it; the running miner applies it at the next minute')
    .argument('<asset>', 'such as BTC')
    .argument('<parameter>', namesOfParameters)
    .argument('<value>', 'a number; for a champion a model; for a blend calibrated=0.7,ewma=0.3')
    .option('--reason <text>', 'why; it stays in the ledger. Without it you are asked')
    .option('--yes', 'ask nothing; without --reason the ledger says "Manual tuning"')
    .option('--evidence <number>', 'evidence measured before; default: measure now', evidenceId)
    .option('--force', 'without convincing evidence; marked permanently. Bounds, steps and waits still apply')
    .option('--measure', 'only measure the evidence, at any time, and propose nothing')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(
        'tuner propose BTC memory_high 0.1 --measure',
        'tuner propose BTC memory_high 0.1 --evidence 1 --yes',
        'tuner propose BTC memory_high 0.1 --evidence 1 --reason "short intervals lag"',
        'tuner propose XAU tail_low 1.1 --force --reason "tails seen in the sell-off"',
      ),
    )
    .action((asset: string, parameter: string, value: string, options: ProposeOptions) =>
      propose(deps, { asset, parameter, value }, options),
    )

  program
    .command('blend')
    .description('fit the shares of a blend on older days, measure them on the newest, and propose them')
    .argument('<asset>', 'such as BTC')
    .argument('<horizon>', '24h or 1h', readHorizon)
    .option('--models <names...>', 'only these models; default: all that can forecast')
    .option('--held-out <days>', `newest days that the fit does not see; default: ${heldOutDays}`, heldOut)
    .option('--reason <text>', 'why; it stays in the ledger. Without it you are asked')
    .option('--yes', 'ask nothing; without --reason the ledger says "Manual tuning"')
    .option('--measure', 'only fit and measure, at any time, and propose nothing')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner blend BTC 1h --models calibrated ewma --held-out 8 --measure'))
    .action((asset: string, horizon: Horizon, options: BlendOptions) => blend(deps, { asset, horizon }, options))

  program
    .command('current')
    .description('show the effective parameters, and where each came from')
    .option('--asset <names...>', 'only these assets')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner current', 'tuner current --asset BTC ETH --json'))
    .action((options: CurrentOptions) => showCurrent(deps, options))

  program
    .command('history')
    .description('show every change with its evidence, what was observed, and the verdict')
    .option('--asset <names...>', 'only these assets')
    .option('--verify', 'check the hash chain of the ledger, and that its entries lead to the effective parameters')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner history', 'tuner history --asset BTC', 'tuner history --verify --json'))
    .action((options: HistoryOptions) => showHistory(deps, options))

  program
    .command('suggest')
    .description('suggest changes that the scores of the last 30 days support; measures and changes nothing')
    .option('--asset <names...>', 'only these assets')
    .option('--json', 'as JSON')
    .addOption(new Option('--diagnostics-file <file>').hideHelp())
    .addHelpText('after', examples('tuner suggest', 'tuner suggest --asset BTC --json'))
    .action((options: SuggestOptions) => suggest(deps, options))

  program
    .command('observe')
    .description('check the changes under observation, and write the result; the miner runs this once a day')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner observe'))
    .action((options: JsonOption) => observe(deps, options))

  program
    .command('revert')
    .description('undo a change: the previous value is effective from the next minute on')
    .argument('<change>', 'the number of the change, as "tuner history" shows it', changeNumber)
    .option('--reason <text>', 'why; it stays in the ledger. Without it you are asked')
    .option('--yes', 'ask nothing; without --reason the ledger says "Manual tuning"')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner revert 1 --yes', 'tuner revert 1 --reason "rank fell on all days since"'))
    .action((id: number, options: ReasonOptions) => revert(deps, id, options))

  addLedgerCommands(program, deps)
}

/** For after the clock of the computer was wrong. */
function addLedgerCommands(program: Command, deps: GovernanceDeps & { readonly log: Logger }): void {
  const ledger = program
    .command('ledger')
    .description('put right what a wrong clock wrote; each is an entry of its own')
  const reason = ['--reason <text>', 'why; it stays in the ledger'] as const

  ledger
    .command('correct-time')
    .description('entries that lie in the future count as written now, or at --was')
    .option('--was <instant>', 'when the newest of them was really written, such as 2026-09-21T12:00Z')
    .option(...reason)
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner ledger correct-time --reason "the clock was a year ahead"'))
    .action((options: ClockOptions) => correctTime(deps, options))

  ledger
    .command('correct-start')
    .description('the day of the first start, from which the first fourteen days count')
    .argument('<instant>', 'such as 2026-09-21T12:00Z')
    .option(...reason)
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner ledger correct-start 2026-01-05T12:00Z --reason "clock not set"'))
    .action((instant: string, options: ClockOptions) => correctFirstStart(deps, instant, options))

  ledger
    .command('trust-clock')
    .description('the clock is right: the miner deletes, proposes and observes again')
    .option('--reason <text>', 'how you know; it goes into the log')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner ledger trust-clock --reason "compared with a phone"'))
    .action((options: ClockOptions) => trustClock(deps, options))
}

function heldOut(text: string): number {
  const days = Number(text)
  if (Number.isInteger(days) && days >= leastEvidence.days && days <= 90) return days
  throw new InvalidArgumentError(`It must be a whole number of days from ${leastEvidence.days} to 90.`)
}
