import { type Command, Option } from 'commander'
import { examples } from '#core/base/cli/examples'
import { UsageError } from '#core/base/errors/app-error'
import { wholeDays } from '../options/period.ts'
import type { DaysOptions, ShadowCommandDeps, ShadowContext } from './shadow/context.ts'
import { showEarnings } from './shadow/earnings.ts'
import { fetchShadow } from './shadow/fetch.ts'
import { type ReportOptions, rankForecast, reportServed } from './shadow/report.ts'
import { type ServedOptions, tellServed } from './shadow/served.ts'
import { verifyShadow } from './shadow/verify.ts'
import { watchRules } from './shadow/watch.ts'

function externalOption(): Option {
  const words = 'whether validators blend in competitions that are scored elsewhere; nothing public shows it'
  return new Option('--external <on|off>', words).choices(['on', 'off']).default('off')
}

function unrecordedOption(): Option {
  const words =
    'a scored prompt that is not in the journal: skip it for all miners, or count a miss (right with journal.sampling=all)'
  return new Option('--unrecorded <skip|miss>', words).choices(['skip', 'miss']).default('skip')
}

export function addShadowCommand(program: Command, deps: ShadowCommandDeps): void {
  const shadow = program
    .command('shadow')
    .description('where we would rank among all miners of the subnet, from its public scores')
  const inContext = async (
    work: (context: ShadowContext) => Promise<void> | void,
    mayCreate = false,
  ): Promise<void> => {
    const context = deps.open(mayCreate)
    try {
      await work(context)
    } finally {
      context.close()
    }
  }

  shadow
    .command('fetch')
    .description('fetch the public scores that are not stored yet')
    .option('--days <count>', 'how far back', wholeDays, 11)
    .option('--asset <name...>', 'only these assets')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner shadow fetch --days 11', 'tuner shadow fetch --asset BTC --json'))
    .action((options: DaysOptions & { asset?: readonly string[] }) =>
      inContext((context) => fetchShadow(context, deps, options), true),
    )

  shadow
    .command('report', { isDefault: true })
    .description('show rank and gap of each prompt, and rank, weight and earnings by update of the validator')
    .option('--days <count>', 'how far back', wholeDays, 10)
    .option('--from <instant>', 'instead of --days; UTC, such as 2026-09-21 or 2026-09-21T12:00Z')
    .option('--to <instant>', 'the end of the period; default: now')
    .option('--model <name>', 'what was served, or a model that replay has scored', 'served')
    .option(
      '--predictions <folder>',
      'rank the predictions of this folder instead; "tuner score --help" says what it may hold',
    )
    .option(
      '--forecast <model>',
      'rank this model instead, without a journal: it forecasts the public prompts from the minutes before each; "tuner replay --help" lists models',
    )
    .option('--joined <instant>', 'as if we had registered then; default: the first prompt that we answered')
    .option('--every-update', 'every update of the validator; default: some, evenly')
    .option('--by-asset', 'also each asset alone')
    .addOption(externalOption())
    .addOption(unrecordedOption())
    .option('--json', 'as JSON, with each asset')
    .addHelpText(
      'after',
      examples(
        'tuner shadow',
        'tuner shadow --days 1 --every-update --by-asset',
        'tuner shadow --forecast calibrated --days 1',
        'tuner shadow --predictions predictions',
        'tuner shadow report --days 5',
        'tuner shadow report --joined 2026-09-24T00:00Z --json',
      ),
    )
    .action(async (options: ReportOptions, command: Command) => {
      const named = [
        ...(command.getOptionValueSource('model') === 'cli' ? ['--model'] : []),
        ...(options.forecast === undefined ? [] : ['--forecast']),
        ...(options.predictions === undefined ? [] : ['--predictions']),
      ]
      if (named.length > 1) {
        throw new UsageError('USAGE', `${named.join(' and ')} name different things to rank.`, {
          hint: 'Leave one of them.',
        })
      }
      if (options.predictions !== undefined) await deps.scoreFolder(options.predictions)
      if (options.forecast !== undefined) return rankForecast(inContext, deps, options, options.forecast)
      await inContext((context) => reportServed(context, deps, options))
    })

  shadow
    .command('served')
    .description('which of the prompts that we answered the validator has scored, and why not the others')
    .option('--days <count>', 'how far back', wholeDays, 3)
    .option('--from <instant>', 'instead of --days; UTC, such as 2026-09-21 or 2026-09-21T12:00Z')
    .option('--to <instant>', 'the end of the period; default: now')
    .option('--asset <names...>', 'only these assets')
    .option('--uid <n>', 'our own uid; without it: whether anybody has a score for the prompt')
    .option('--list', 'each prompt, too')
    .option('--json', 'as JSON, always with each prompt')
    .addHelpText('after', examples('tuner shadow served --uid 42', 'tuner shadow served --uid 42 --asset BTC --list'))
    .action((options: ServedOptions) => inContext((context) => tellServed(context, deps, options)))

  shadow
    .command('verify')
    .description("hold our weights of all miners against the validator's, update by update; ends with 1 if they differ")
    .option('--days <count>', 'how far back', wholeDays, 1)
    .option('--from <instant>', 'instead of --days; UTC, such as 2026-09-21 or 2026-09-21T12:00Z')
    .option('--to <instant>', 'the end of the period; default: now')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner shadow verify', 'tuner shadow verify --from 2026-09-20 --to 2026-09-21'))
    .action((options: DaysOptions) => inContext((context) => verifyShadow(context, deps, options)))

  shadow
    .command('watch')
    .description('do the known rules still explain the public scores? Ends with 1 if they do not')
    .option('--days <count>', 'how far back', wholeDays, 3)
    .option('--uid <n>', 'our own uid: its published scores are compared with our replay')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner shadow watch', 'tuner shadow watch --uid 42 --days 5'))
    .action((options: DaysOptions & { uid?: string }) => inContext((context) => watchRules(context, deps, options)))

  shadow
    .command('earnings')
    .description('show what the simulated weight would have earned, by the published pools')
    .option('--days <count>', 'how far back', wholeDays, 10)
    .option('--model <name>', 'what was served, or a model that replay has scored', 'served')
    .addOption(externalOption())
    .addOption(unrecordedOption())
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner shadow earnings --days 5'))
    .action((options: ReportOptions) => inContext((context) => showEarnings(context, deps, options)))
}
