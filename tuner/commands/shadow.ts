import { type Command, Option } from 'commander'
import { examples } from '#core/base/cli/examples'
import { writeJson } from '#core/base/cli/write-json'
import { AppError, UsageError } from '#core/base/errors/app-error'
import { formatDay } from '#core/base/time/instant-text'
import { dayMs } from '#core/base/time/units'
import { estimateEarnings, isFromOtherOwnerRule } from '#core/tuning/shadow/earnings'
import { fetchPay } from '#core/tuning/shadow/fetch-pay'
import { ownScoresOfFiles } from '#core/tuning/shadow/own-scores'
import type { PaidReport } from '#core/tuning/shadow/paid-report'
import type { UnrecordedRule } from '#core/tuning/shadow/prepared-field'
import { nothingStored, readShadowReport, type StoredShadowReport } from '#core/tuning/shadow/read-report'
import { watchField } from '#core/tuning/shadow/watch-field'
import { ShadowWatchShape, viewWatch } from '#core/tuning/views/rule-watch-view'
import { ShadowEarningsShape, ShadowReportShape, viewEarnings, viewShadowReport } from '#core/tuning/views/shadow-view'
import { readPeriod, wholeDays } from '../options/period.ts'
import { readOptionalInstant } from '../options/read-instant.ts'
import type { DaysOptions, ShadowCommandDeps, ShadowContext } from './shadow-context.ts'
import { fetchShadow } from './shadow-fetch.ts'
import { earningsLines, otherOwnerRule, reportLines, verdictLines } from './shadow-report-text.ts'
import { type ServedOptions, tellServed } from './shadow-served.ts'
import { forecastProblems, watchLines } from './shadow-text.ts'
import { readUid } from './shadow-uid.ts'
import { verifyShadow } from './shadow-verify.ts'

interface ReportOptions extends DaysOptions {
  readonly model: string
  readonly predictions?: string
  readonly forecast?: string
  readonly joined?: string
  readonly external: 'on' | 'off'
  readonly unrecorded: UnrecordedRule
  readonly everyUpdate?: boolean
  readonly byAsset?: boolean
}

/** Rows of a table that a person reads. */
const shownUpdates = 24
/** Of each competition and day: enough for the mean of a day. */
const updatesPerDay = 8

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
      await inContext(async (context) => {
        const nowMs = deps.clock.nowMs()
        const paid = await payReport(context, nowMs, readReport(context, nowMs, options))
        if (options.json === true) writeJson(deps.terminal, ShadowReportShape, viewShadowReport(paid))
        else for (const line of reportLines(paid, options.byAsset === true)) deps.terminal.write(line)
      })
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
    .action((options: DaysOptions & { uid?: string }) => inContext((context) => watch(context, deps, options)))

  shadow
    .command('earnings')
    .description('show what the simulated weight would have earned, by the published pools')
    .option('--days <count>', 'how far back', wholeDays, 10)
    .option('--model <name>', 'what was served, or a model that replay has scored', 'served')
    .addOption(externalOption())
    .addOption(unrecordedOption())
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner shadow earnings --days 5'))
    .action((options: ReportOptions) =>
      inContext(async (context) => {
        const nowMs = deps.clock.nowMs()
        const { competitions } = readReport(context, nowMs, options, { mostUpdates: updatesPerDay * options.days })
        const fetched = await fetchPay(context, { fromMs: nowMs - options.days * dayMs, toMs: nowMs }, nowMs)
        const { pay } = fetched
        if (pay.pools.length === 0) {
          throw new AppError('FIELD_FETCH_FAILED', `${sentence(fetched.problems[0]!)}.`, {
            hint: 'Run the command again, with a longer period if a day is too new to have a pool.',
          })
        }
        const unknown = competitions.filter(({ isComparable }) => !isComparable)
        const problems = [
          ...fetched.problems,
          ...unknown.map(
            ({ label }) => `without ${label}: too few of our answers are known ("tuner shadow" says more)`,
          ),
        ]
        const { realised } = context
        const days = estimateEarnings(competitions, pay, realised)
        const isOld = isFromOtherOwnerRule(context.book, realised, nowMs)
        if (options.json === true) {
          writeJson(deps.terminal, ShadowEarningsShape, viewEarnings(days, realised, isOld, problems))
        } else for (const line of earningsLines(days, realised, isOld, problems)) deps.terminal.write(line)
      }),
    )
}

type InContext = (work: (context: ShadowContext) => Promise<void> | void) => Promise<void>

async function rankForecast(
  inContext: InContext,
  deps: ShadowCommandDeps,
  options: ReportOptions,
  forecast: string,
): Promise<void> {
  const { terminal, clock } = deps
  const nowMs = clock.nowMs()
  const run = await deps.forecastField(forecast, readPeriod(options, nowMs))
  if (run.listed === 0) throw nothingStored()
  await inContext(async (context) => {
    const sources = { ...context, readScores: context.readForecasts }
    const read = readReport(sources, nowMs, { ...options, model: run.model }, { source: 'forecast' })
    const report = { ...read, problems: [...read.problems, ...forecastProblems(run)] }
    const paid = await payReport(context, nowMs, report)
    if (options.json === true) {
      writeJson(terminal, ShadowReportShape, viewShadowReport(paid))
      return
    }
    for (const line of [...reportLines(paid, options.byAsset === true), '', ...verdictLines(paid)]) terminal.write(line)
  })
}

/** Today's pool is not published yet: the newest one says what the weight of now is worth. */
const newestPoolMs = 3 * dayMs

async function payReport(context: ShadowContext, nowMs: number, report: StoredShadowReport): Promise<PaidReport> {
  const { fromMs, toMs } = report
  const { realised } = context
  const period = { fromMs: Math.min(fromMs, toMs - newestPoolMs), toMs }
  const days = new Set(
    report.competitions.flatMap(({ weights }) => weights.map(({ updateAtMs }) => formatDay(updateAtMs))),
  )
  const { pay, problems } = await fetchPay(context, period, nowMs, { days })
  // Today's is never published yet, and the last row says so by itself.
  const unpublished = [...days]
    .filter((day) => day < formatDay(toMs) && !pay.pools.some((pool) => pool.day === day))
    .sort()
  if (pay.pools.length > 0 && unpublished.length > 0) {
    problems.push(`no pool is published of ${listDays(unpublished)}: no earnings are known of these days`)
  }
  if (pay.pools.length > 0 && isFromOtherOwnerRule(context.book, realised, toMs)) {
    problems.push(
      `earnings are with ${realised.share} of the weight realised, as measured on ${realised.measuredOn}; ${otherOwnerRule}`,
    )
  }
  return { report: { ...report, problems: [...report.problems, ...problems] }, pay, realised }
}

function readReport(
  context: ShadowContext,
  nowMs: number,
  options: ReportOptions,
  { source, mostUpdates = shownUpdates }: { source?: 'forecast'; mostUpdates?: number } = {},
): StoredShadowReport {
  const { predictions: folder } = options
  const sources =
    folder === undefined ? context : { ...context, readScores: ownScoresOfFiles(context.fileScores(folder)) }
  const { fromMs, toMs } = readPeriod(options, nowMs)
  return readShadowReport(sources, {
    fromMs,
    nowMs: toMs,
    model: folder ?? options.model,
    source: source ?? (folder === undefined ? 'journal' : 'folder'),
    joinedAtMs: readOptionalInstant(options.joined, '--joined'),
    unrecorded: options.unrecorded,
    isExternalOn: options.external === 'on',
    mostUpdates: options.everyUpdate === true ? Number.POSITIVE_INFINITY : mostUpdates,
  })
}

function listDays(days: readonly string[]): string {
  return days.length > 3 ? `${days.length} days from ${days[0]} to ${days.at(-1)}` : days.join(', ')
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function watch(
  context: ShadowContext,
  { terminal, clock }: ShadowCommandDeps,
  options: DaysOptions & { readonly uid?: string },
): void {
  const nowMs = clock.nowMs()
  const uid = readUid(options.uid)
  const watched = watchField(context, { fromMs: nowMs - options.days * dayMs, toMs: nowMs }, uid)
  if (options.json === true) writeJson(terminal, ShadowWatchShape, viewWatch(watched))
  else for (const line of watchLines(watched)) terminal.write(line)
  if (watched.isAlarm) {
    throw new AppError('FIELD_RULES_UNKNOWN', 'The public scores do not follow the known rules of their dates.')
  }
}
