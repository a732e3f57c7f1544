import { type Command, Option } from 'commander'
import { examples } from '#core/base/cli/examples'
import type { Progress } from '#core/base/cli/progress'
import type { Terminal } from '#core/base/cli/terminal'
import { writeJson } from '#core/base/cli/write-json'
import { AppError, UsageError } from '#core/base/errors/app-error'
import { counted } from '#core/base/text/counted'
import { textTable } from '#core/base/text/text-table'
import type { Clock } from '#core/base/time/clock'
import { dayMs, hourSeconds, minuteMs } from '#core/base/time/units'
import type { SynthApi } from '#core/market/venues/synth-api'
import { formatInstant } from '#core/synth/regimes/instant'
import { resolveAverageRules } from '#core/synth/regimes/resolve'
import type { FileScore } from '#core/tuning/prediction-files/prediction-file'
import { givingUpScores, notAskedAgain } from '#core/tuning/replay/give-up'
import type { ReplayReport } from '#core/tuning/replay/run-replay'
import { estimateEarnings, isFromOtherOwnerRule, type RealisedShare } from '#core/tuning/shadow/earnings'
import { countPieces, fetchField } from '#core/tuning/shadow/fetch-field'
import { type FieldWindow, startMsOf } from '#core/tuning/shadow/field'
import { fieldKindsAt } from '#core/tuning/shadow/field-kinds'
import type { RegistrationStore } from '#core/tuning/shadow/hands'
import { ownScoresOfFiles, type ReadOwnScores } from '#core/tuning/shadow/own-scores'
import type { UnrecordedRule } from '#core/tuning/shadow/prepared-field'
import {
  nothingStored,
  readShadowReport,
  type ShadowSources,
  type StoredShadowReport,
  settlingMs,
} from '#core/tuning/shadow/read-report'
import { verifyWeights, type WeightVerification } from '#core/tuning/shadow/verify-weights'
import { watchField } from '#core/tuning/shadow/watch-field'
import { ShadowWatchShape, viewWatch } from '#core/tuning/views/rule-watch-view'
import {
  ShadowEarningsShape,
  ShadowFetchShape,
  ShadowReportShape,
  viewEarnings,
  viewFetched,
  viewShadowReport,
} from '#core/tuning/views/shadow-view'
import { ShadowVerifyShape, viewVerified } from '#core/tuning/views/verify-view'
import { readPeriod, wholeDays } from '../options/period.ts'
import { readOptionalInstant } from '../options/read-instant.ts'
import { earningsLines, forecastProblems, reportLines, verdictLines, verifyLines, watchLines } from './shadow-text.ts'

export interface ShadowContext extends ShadowSources {
  readonly realised: RealisedShare
  /** What `tuner score` stored of this folder. */
  readonly fileScores: (folder: string) => readonly FileScore[]
  /** Of models that were asked for the prompts of the public scores. */
  readonly readForecasts: ReadOwnScores
  readonly api: Pick<SynthApi, 'fetchScores' | 'fetchDailyPools' | 'fetchRewards' | 'fetchRegistrations'>
  readonly saveRegistrations: RegistrationStore['savePublic']
  close(): void
}

export interface ShadowCommandDeps {
  /** `mayCreate`: the command brings scores, so there need not be a database yet. */
  readonly open: (mayCreate: boolean) => ShadowContext
  /** Scores what has no score yet. */
  readonly scoreFolder: (folder: string) => Promise<void>
  /** Forecasts the prompts of the public scores and scores what has no score yet. */
  readonly forecastField: (model: string, period: FieldWindow) => Promise<ReplayReport>
  readonly terminal: Terminal
  readonly progress: Progress
  readonly clock: Clock
}

/** The open tier answers about two questions a second, and eleven days of all prompts are some two hundred. */
const longestFetchMs = 15 * minuteMs

/** A prompt of a day that is scored at the beginning started a day before. */
const registrationsBeforeMs = dayMs

interface DaysOptions {
  readonly days: number
  readonly from?: string
  readonly to?: string
  readonly json?: boolean
}

interface ReportOptions extends DaysOptions {
  readonly model: string
  readonly predictions?: string
  readonly forecast?: string
  readonly joined?: string
  readonly external: 'on' | 'off'
  readonly unrecorded: UnrecordedRule
}

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
      inContext((context) => fetchAll(context, deps, options), true),
    )

  shadow
    .command('report', { isDefault: true })
    .description('show rank and gap of each prompt, and the weight that the validator would give us, day by day')
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
    .addOption(externalOption())
    .addOption(unrecordedOption())
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(
        'tuner shadow',
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
      await inContext((context) => {
        const report = readReport(context, deps.clock.nowMs(), options)
        if (options.json === true) writeJson(deps.terminal, ShadowReportShape, viewShadowReport(report))
        else for (const line of reportLines(report)) deps.terminal.write(line)
      })
    })

  shadow
    .command('verify')
    .description("hold our weights of all miners against the validator's, update by update; ends with 1 if they differ")
    .option('--days <count>', 'how far back', wholeDays, 1)
    .option('--from <instant>', 'instead of --days; UTC, such as 2026-09-21 or 2026-09-21T12:00Z')
    .option('--to <instant>', 'the end of the period; default: now')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner shadow verify', 'tuner shadow verify --from 2026-09-20 --to 2026-09-21'))
    .action((options: DaysOptions) => inContext((context) => verify(context, deps, options)))

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
        const report = readReport(context, nowMs, options)
        const pools = await context.api.fetchDailyPools({ fromMs: nowMs - options.days * dayMs, toMs: nowMs })
        if (!pools.ok) throw new AppError('FIELD_FETCH_FAILED', `The pools could not be fetched: ${pools.message}.`)
        const { realised } = context
        const days = estimateEarnings(report, pools.rows, realised)
        const isOld = isFromOtherOwnerRule(context.book, realised, nowMs)
        if (options.json === true) writeJson(deps.terminal, ShadowEarningsShape, viewEarnings(days, realised, isOld))
        else for (const line of earningsLines(days, realised, isOld)) deps.terminal.write(line)
      }),
    )
}

async function fetchAll(
  { book, api, store, saveRegistrations }: ShadowContext,
  { terminal, progress, clock }: ShadowCommandDeps,
  options: DaysOptions & { readonly asset?: readonly string[] },
): Promise<void> {
  const nowMs = clock.nowMs()
  const window = { fromMs: nowMs - options.days * dayMs, toMs: nowMs - settlingMs }
  const kinds = fieldKindsAt(book, nowMs).filter(({ asset }) => options.asset?.includes(asset) ?? true)
  if (kinds.length === 0) {
    throw new UsageError('ASSET_UNKNOWN', `There are no prompts of ${options.asset?.join(', ') ?? 'anything'} today.`, {
      hint: `The assets of today are ${[...new Set(fieldKindsAt(book, nowMs).map(({ asset }) => asset))].join(', ')}.`,
    })
  }
  const total = kinds.reduce((sum, kind) => sum + countPieces({ store }, kind, window), 0)
  let done = 0
  const onPiece = () => {
    progress.update('public scores', done, total)
    done += 1
  }
  const late = new AbortController()
  const fetched = new AbortController()
  clock.sleep(longestFetchMs, fetched.signal).then(
    () => late.abort(new Error(`not asked within ${longestFetchMs / minuteMs} minutes`)),
    () => {},
  )
  const patient = givingUpScores(api)
  const outcomes = []
  try {
    for (const kind of kinds) {
      outcomes.push(await fetchField({ api: patient, store }, kind, window, { signal: late.signal, onPiece }))
    }
    if (outcomes.every(({ failed }) => failed.length === 0)) {
      // Who came during the windows. Without the list, the hand-overs that the stored metagraphs show are known.
      const since = { fromMs: window.fromMs - registrationsBeforeMs, toMs: nowMs }
      const answer = await api.fetchRegistrations(since, late.signal)
      if (answer.ok) {
        saveRegistrations(
          answer.rows.map(({ minerUid, hotkey, createdAtMs }) => ({
            uid: minerUid,
            hotkey,
            registeredAtMs: createdAtMs,
          })),
        )
      } else terminal.warn(`The public list of registrations could not be fetched: ${answer.message}.`)
    }
  } finally {
    fetched.abort()
    progress.stop()
  }
  if (options.json === true) writeJson(terminal, ShadowFetchShape, viewFetched(outcomes))
  else {
    const rows = outcomes.map(({ kind, fetchedPrompts, refusedRows, failed }) => [
      `${kind.asset} ${kind.timeLengthSeconds / hourSeconds}h`,
      String(fetchedPrompts),
      String(refusedRows),
      failed[0] === undefined ? '' : shortReason(failed[0].reason),
    ])
    for (const line of textTable(['', 'prompts', 'unreadable rows', 'failed'], rows)) terminal.write(line)
  }
  const failures = outcomes.flatMap(({ failed }) => failed)
  if (failures.length > 0) {
    throw new AppError(
      'FIELD_FETCH_FAILED',
      `The public scores of ${counted(failures.length, 'stretch', 'stretches')} could not be fetched: ${failures[0]!.reason}.`,
    )
  }
}

/** Without the address, which is the same for all. */
function shortReason(reason: string): string {
  return reason
    .replace(/^\S+: /, '')
    .replace(notAskedAgain, '')
    .slice(0, 40)
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
    const report = readReport(sources, nowMs, { ...options, model: run.model }, 'forecast')
    // Today's pool is not published yet.
    const pools = await context.api.fetchDailyPools({ fromMs: nowMs - 3 * dayMs, toMs: nowMs })
    const problems = [...report.problems, ...forecastProblems(run)]
    const pool = pools.ok ? pools.rows.at(-1) : undefined
    if (!pools.ok) problems.push(`the pool of the last days could not be fetched: ${pools.message}`)
    const { share } = context.realised
    const usdPerDay = pool === undefined ? null : pool.usd * report.weight * share
    if (options.json === true) {
      writeJson(terminal, ShadowReportShape, { ...viewShadowReport({ ...report, problems }), usdPerDay })
      return
    }
    for (const line of [...reportLines({ ...report, problems }), '', ...verdictLines(report, pool, usdPerDay)]) {
      terminal.write(line)
    }
  })
}

function readReport(
  context: ShadowContext,
  nowMs: number,
  options: ReportOptions,
  source?: 'forecast',
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
  })
}

async function verify(
  context: ShadowContext,
  { terminal, clock, progress }: ShadowCommandDeps,
  options: DaysOptions,
): Promise<void> {
  const period = readPeriod(options, clock.nowMs())
  const { competitions } = resolveAverageRules(context.book, { updateAtMs: period.toMs })
  const verified: WeightVerification[] = []
  try {
    for (const [i, competition] of competitions.entries()) {
      progress.update('published weights', i, competitions.length)
      const { label, slug, assets, timeLengthSeconds, windowDays } = competition
      if (slug === null) continue
      const answer = await context.api.fetchRewards({ competitionSlug: slug, ...period })
      if (!answer.ok)
        throw new AppError('FIELD_FETCH_FAILED', `The published weights could not be fetched: ${answer.message}.`)
      // The API reads an end as a day.
      const rewards = answer.rows.filter(
        ({ updatedAtMs }) => updatedAtMs >= period.fromMs && updatedAtMs <= period.toMs,
      )
      const fromMs = period.fromMs - windowDays * dayMs - timeLengthSeconds * 1000
      const received = new Map(
        assets.map((asset) => [asset, context.readReceived({ asset, timeLengthSeconds }, { ...period, fromMs })]),
      )
      verified.push(
        verifyWeights(context, label, rewards, (prompt) => received.get(prompt.asset)?.get(startMsOf(prompt))),
      )
    }
  } finally {
    progress.stop()
  }
  if (options.json === true) writeJson(terminal, ShadowVerifyShape, viewVerified(period, verified))
  else for (const line of verifyLines(period, verified)) terminal.write(line)
  const different = verified.find(({ first }) => first !== undefined)
  if (different !== undefined) {
    const { updatedAtMs, uid } = different.first!
    throw new AppError(
      'FIELD_WEIGHTS_DIFFER',
      `Our weights differ from the validator's, first at ${formatInstant(updatedAtMs)} for uid ${uid} in ${different.label}.`,
    )
  }
  if (verified.every(({ updates }) => updates === 0)) {
    terminal.warn(
      'No update of the validator could be compared: each needs the public scores of its whole window ("tuner shadow fetch --days 12").',
    )
  }
}

function watch(
  context: ShadowContext,
  { terminal, clock }: ShadowCommandDeps,
  options: DaysOptions & { readonly uid?: string },
): void {
  const nowMs = clock.nowMs()
  const uid = options.uid === undefined ? undefined : Number(options.uid)
  if (uid !== undefined && !(Number.isInteger(uid) && uid >= 0 && uid < 65_536)) {
    throw new UsageError('USAGE', `--uid must be a number from 0 to 65535, not "${options.uid}".`, {})
  }
  const watched = watchField(context, { fromMs: nowMs - options.days * dayMs, toMs: nowMs }, uid)
  if (options.json === true) writeJson(terminal, ShadowWatchShape, viewWatch(watched))
  else for (const line of watchLines(watched)) terminal.write(line)
  if (watched.isAlarm) {
    throw new AppError('FIELD_RULES_UNKNOWN', 'The public scores do not follow the known rules of their dates.')
  }
}
