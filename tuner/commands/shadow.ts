import { type Command, Option } from 'commander'
import { examples } from '#core/base/cli/examples'
import type { Terminal } from '#core/base/cli/terminal'
import { writeJson } from '#core/base/cli/write-json'
import { AppError, UsageError } from '#core/base/errors/app-error'
import { counted } from '#core/base/text/counted'
import { textTable } from '#core/base/text/text-table'
import type { Clock } from '#core/base/time/clock'
import type { SynthApi } from '#core/market/venues/synth-api'
import type { RegimeBook } from '#core/synth/regimes/book'
import { formatInstant } from '#core/synth/regimes/instant'
import { resolveAverageRules } from '#core/synth/regimes/resolve'
import { fetchField } from '#core/tuning/shadow/fetch-field'
import { type FieldKind, type FieldPrompt, type FieldStore, missingWindows, startMsOf } from '#core/tuning/shadow/field'
import type { UidRegistrations } from '#core/tuning/shadow/hands'
import { knownPromptScoreRules } from '#core/tuning/shadow/recognise'
import { createRuleLookup, reportShadow } from '#core/tuning/shadow/report'
import { watchOwnScores, watchRules } from '#core/tuning/shadow/rule-watch'
import { readInstant, wholeDays } from './period.ts'
import { fetchToJson, reportToJson, watchToJson } from './shadow-json.ts'
import { ShadowEarningsShape, ShadowFetchShape, ShadowReportShape, ShadowWatchShape } from './shadow-shapes.ts'
import { type BuiltReport, earningsLines, reportLines, watchLines } from './shadow-text.ts'

export interface ReplayedScore {
  readonly startAtMs: number
  /** Null: an answer that the validator counts as none. */
  readonly total: number | null
}

export interface ShadowContext {
  readonly book: RegimeBook
  readonly api: Pick<SynthApi, 'fetchScores' | 'fetchDailyPools'>
  readonly store: FieldStore
  /** Undefined: no metagraph is stored. */
  readonly registrations: UidRegistrations | undefined
  /** What replay made of our own answers, or of those of another model to the same prompts. */
  readScores(kind: FieldKind, window: { fromMs: number; toMs: number }, model: string): readonly ReplayedScore[]
  close(): void
}

export interface ShadowCommandDeps {
  readonly open: () => ShadowContext
  readonly terminal: Terminal
  readonly clock: Clock
}

interface PeriodOptions {
  readonly days: number
  readonly json?: boolean
}

interface ReportOptions extends PeriodOptions {
  readonly model: string
  readonly joined?: string
  readonly external: 'on' | 'off'
  readonly unrecorded: 'skip' | 'miss'
}

function externalOption(): Option {
  const words = 'whether validators blend in competitions that are scored elsewhere; nothing public tells'
  return new Option('--external <on|off>', words).choices(['on', 'off']).default('off')
}

function unrecordedOption(): Option {
  const words =
    'a scored prompt that the journal does not hold: skip it for everybody, or count a miss (right with journal.sampling=all)'
  return new Option('--unrecorded <skip|miss>', words).choices(['skip', 'miss']).default('skip')
}

const dayMs = 86_400_000
const hourMs = 3_600_000
/** What ended later may still be scored, so it is not taken for complete. */
const settlingMs = 6 * hourMs
/** Realised emission over what the weights say, as the subnet's own backtester has it. */
const emissionFactor = 0.6935

export function addShadowCommand(program: Command, deps: ShadowCommandDeps): void {
  const shadow = program
    .command('shadow')
    .description('where we would stand among all miners of the subnet, from its public scores')
  const inContext = async (work: (context: ShadowContext) => Promise<void> | void): Promise<void> => {
    const context = deps.open()
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
    .action((options: PeriodOptions & { asset?: readonly string[] }) =>
      inContext((context) => fetchAll(context, deps, options)),
    )

  shadow
    .command('report', { isDefault: true })
    .description('rank and gap of each prompt, and the weight that the validator would give us, day by day')
    .option('--days <count>', 'how far back', wholeDays, 10)
    .option('--model <name>', 'what was served, or a model that replay forecast with', 'served')
    .option('--joined <instant>', 'as if we had registered then; else the first prompt that we answered')
    .addOption(externalOption())
    .addOption(unrecordedOption())
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples('tuner shadow', 'tuner shadow report --days 5', 'tuner shadow report --joined 2026-09-24T00:00Z --json'),
    )
    .action((options: ReportOptions) =>
      inContext((context) => {
        const report = buildReport(context, deps.clock.nowMs(), options)
        if (options.json === true) writeJson(deps.terminal, ShadowReportShape, reportToJson(report))
        else for (const line of reportLines(report)) deps.terminal.write(line)
      }),
    )

  shadow
    .command('watch')
    .description('do the rules that we know still explain the public scores? Ends with 1 when they do not')
    .option('--days <count>', 'how far back', wholeDays, 3)
    .option('--uid <n>', 'our own uid: its published scores are compared with our replay')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner shadow watch', 'tuner shadow watch --uid 42 --days 5'))
    .action((options: PeriodOptions & { uid?: string }) => inContext((context) => watch(context, deps, options)))

  shadow
    .command('earnings')
    .description('what the simulated weight would have earned, by the published pools')
    .option('--days <count>', 'how far back', wholeDays, 10)
    .option('--model <name>', 'what was served, or a model that replay forecast with', 'served')
    .addOption(externalOption())
    .addOption(unrecordedOption())
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner shadow earnings --days 5'))
    .action((options: ReportOptions) =>
      inContext(async (context) => {
        const nowMs = deps.clock.nowMs()
        const report = buildReport(context, nowMs, options)
        const pools = await context.api.fetchDailyPools({ fromMs: nowMs - options.days * dayMs, toMs: nowMs })
        if (!pools.ok) throw new AppError('FIELD_FETCH_FAILED', `The pools could not be fetched: ${pools.message}.`)
        const rows = pools.rows.map(({ day, usd }) => {
          const endMs = Date.parse(`${day}T00:00:00Z`) + dayMs
          const weight = report.competitions.reduce((sum, { weights }) => {
            const latest = weights.filter(({ updateAtMs }) => updateAtMs <= endMs).at(-1)
            return sum + (latest?.weight ?? 0)
          }, 0)
          return { day, poolUsd: usd, weight, usd: usd * weight * emissionFactor }
        })
        if (options.json === true) writeJson(deps.terminal, ShadowEarningsShape, { emissionFactor, days: rows })
        else for (const line of earningsLines(rows, emissionFactor)) deps.terminal.write(line)
      }),
    )
}

async function fetchAll(
  { book, api, store }: ShadowContext,
  { terminal, clock }: ShadowCommandDeps,
  options: PeriodOptions & { readonly asset?: readonly string[] },
): Promise<void> {
  const nowMs = clock.nowMs()
  const window = { fromMs: nowMs - options.days * dayMs, toMs: nowMs - settlingMs }
  const kinds = kindsOf(book, nowMs).filter(({ asset }) => options.asset?.includes(asset) ?? true)
  if (kinds.length === 0) {
    throw new UsageError('ASSET_UNKNOWN', `Nobody asks for ${options.asset?.join(', ') ?? 'anything'} today.`, {
      hint: `The assets of today are ${[...new Set(kindsOf(book, nowMs).map(({ asset }) => asset))].join(', ')}.`,
    })
  }
  const outcomes = []
  for (const kind of kinds) outcomes.push(await fetchField({ api, store }, kind, window))
  if (options.json === true) writeJson(terminal, ShadowFetchShape, { fetched: outcomes.map(fetchToJson) })
  else {
    const rows = outcomes.map(({ kind, fetchedPrompts, refusedRows, failed }) => [
      `${kind.asset} ${kind.timeLengthSeconds / 3600}h`,
      String(fetchedPrompts),
      String(refusedRows),
      failed[0]?.reason.slice(0, 40) ?? '',
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

function buildReport(context: ShadowContext, nowMs: number, options: ReportOptions): BuiltReport {
  const { book, store } = context
  const fromMs = nowMs - options.days * dayMs
  const longestWindowMs = Math.max(
    ...resolveAverageRules(book, { updateAtMs: nowMs }).competitions.map(({ windowDays }) => windowDays * dayMs),
  )
  const window = { fromMs: fromMs - longestWindowMs, toMs: nowMs }
  const prompts: FieldPrompt[] = []
  const scores = new Map<string, number | null>()
  const missingOf = new Map<string, string[]>()
  const saidToHaveJoinedMs = options.joined === undefined ? undefined : readInstant('--joined', options.joined)
  let firstOwnMs = Number.POSITIVE_INFINITY
  for (const kind of kindsOf(book, nowMs)) {
    prompts.push(...store.read(kind, window))
    const missing = missingWindows(store.listWindows(kind), { fromMs, toMs: nowMs - settlingMs })
    // An hour is the edge of a day's fetching, not a gap.
    const missingMs = missing.reduce((sum, gap) => sum + gap.toMs - gap.fromMs, 0)
    if (missingMs > 12 * hourMs) {
      const days = (missingMs / dayMs).toFixed(1)
      missingOf.set(days, [...(missingOf.get(days) ?? []), `${kind.asset} ${kind.timeLengthSeconds / 3600}h`])
    }
    const lengthMs = kind.timeLengthSeconds * 1000
    const own = context.readScores(kind, { fromMs: window.fromMs - lengthMs, toMs: nowMs }, options.model)
    for (const { startAtMs, total } of own) {
      scores.set(`${kind.asset} ${kind.timeLengthSeconds} ${startAtMs}`, total)
      firstOwnMs = Math.min(firstOwnMs, startAtMs + lengthMs)
    }
  }
  if (scores.size === 0) {
    throw new UsageError('NOTHING_SCORED', `No scores of ${options.model} in this period.`, {
      hint: 'Run "tuner replay" first.',
    })
  }
  if (prompts.length === 0) throw nothingStored()
  const ourScore = (prompt: FieldPrompt) =>
    scores.get(`${prompt.asset} ${prompt.timeLengthSeconds} ${startMsOf(prompt)}`)
  const gaps = [...missingOf].map(
    ([days, names]) => `public scores of ${days} days are not stored: ${names.join(', ')}`,
  )
  const { registrations } = context
  const joinedAtMs = saidToHaveJoinedMs ?? firstOwnMs
  const report = reportShadow({
    ...{ book, prompts, ourScore, joinedAtMs, fromMs, nowMs, registrations },
    unrecorded: options.unrecorded,
    isExternalOn: options.external === 'on',
  })
  return { from: formatInstant(fromMs), to: formatInstant(nowMs), model: options.model, ...report, gaps }
}

async function watch(
  { book, store, readScores }: ShadowContext,
  { terminal, clock }: ShadowCommandDeps,
  options: PeriodOptions & { readonly uid?: string },
): Promise<void> {
  const nowMs = clock.nowMs()
  const window = { fromMs: nowMs - options.days * dayMs, toMs: nowMs }
  const uid = options.uid === undefined ? undefined : Number(options.uid)
  if (uid !== undefined && !(Number.isInteger(uid) && uid >= 0 && uid < 65_536)) {
    throw new UsageError('USAGE', `--uid is a number from 0 to 65535, not "${options.uid}".`, {})
  }
  const kinds = kindsOf(book, nowMs)
  const prompts = kinds.flatMap((kind) => store.read(kind, window))
  if (prompts.length === 0) {
    throw nothingStored()
  }
  const rules = watchRules(prompts, knownPromptScoreRules(book), createRuleLookup(book))
  const pairs =
    uid === undefined
      ? []
      : kinds.flatMap((kind) => {
          const own = new Map(
            readScores(kind, { fromMs: window.fromMs - kind.timeLengthSeconds * 1000, toMs: nowMs }, 'served').map(
              ({ startAtMs, total }) => [startAtMs, total] as const,
            ),
          )
          return store.read(kind, window).flatMap((prompt) => {
            const published = prompt.miners.find((miner) => miner.uid === uid)?.crps
            const replayed = own.get(startMsOf(prompt))
            return published === undefined || published === -1 || replayed === undefined || replayed === null
              ? []
              : [{ prompt, published, replayed }]
          })
        })
  const own = uid === undefined ? undefined : watchOwnScores(pairs)
  if (options.json === true) writeJson(terminal, ShadowWatchShape, watchToJson(rules, own))
  else for (const line of watchLines(rules, own)) terminal.write(line)
  const isAlarm = rules.unexplained.length > 0 || rules.otherRule.length > 0 || (own?.different.length ?? 0) > 0
  if (isAlarm) {
    throw new AppError('FIELD_RULES_UNKNOWN', 'The public scores do not follow the rules that we know for their dates.')
  }
}

function nothingStored(): UsageError {
  return new UsageError('NOTHING_SCORED', 'No public scores of this period are stored.', {
    hint: 'Run "tuner shadow fetch" first.',
  })
}

/** What the competitions of an instant ask for. */
function kindsOf(book: RegimeBook, atMs: number): (FieldKind & { timeIncrementSeconds: number })[] {
  return resolveAverageRules(book, { updateAtMs: atMs }).competitions.flatMap(
    ({ assets, timeLengthSeconds, timeIncrementSeconds }) =>
      assets.map((asset) => ({ asset, timeLengthSeconds, timeIncrementSeconds })),
  )
}
