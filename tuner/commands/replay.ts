import { availableParallelism } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { examples } from '#core/base/cli/examples'
import type { Progress } from '#core/base/cli/progress'
import type { Terminal } from '#core/base/cli/terminal'
import { writeJson } from '#core/base/cli/write-json'
import { type EngineName, engineNames } from '#core/base/engine/job-engine'
import { StoreError } from '#core/base/errors/app-error'
import { counted } from '#core/base/text/counted'
import type { Clock } from '#core/base/time/clock'
import { formatDay } from '#core/base/time/instant-text'
import { dayMs } from '#core/base/time/units'
import type { PredictionFilter } from '#core/forecast/journal/journal'
import { replayModels } from '#core/forecast/models/model-names'
import { horizonSeconds } from '#core/synth/prompts/horizon'
import { type AssetComparison, compareModels } from '#core/tuning/replay/compare-models'
import { parseModel, specFor, writeModel } from '#core/tuning/replay/model-spec'
import type { ReplayRequest } from '#core/tuning/replay/plan-replay'
import { servedModel } from '#core/tuning/replay/prediction-score'
import type { ReplayReport, ReplayRun } from '#core/tuning/replay/run-replay'
import { addHorizonOption, type HorizonOptions, horizonOption } from '../options/horizon.ts'
import { checkNames } from '../options/known-names.ts'
import { readPeriod, wholeDays } from '../options/period.ts'
import type { ReplayContext, ReplaySettings } from '../replay/context.ts'
import { comparisonLines, reportLines } from '../replay/report-text.ts'
import type { DiagnoseOptions } from './diagnose.ts'
import { ReplayShape } from './replay-shape.ts'

export interface ReplayCommandDeps {
  readonly open: (settings: ReplaySettings) => ReplayContext
  readonly terminal: Terminal
  readonly progress: Progress
  readonly clock: Clock
  /** Aborted when the operator wants to stop. */
  readonly interrupted: () => AbortSignal
  /** As "tuner diagnose". */
  readonly diagnose: (options: DiagnoseOptions, terminal: Terminal) => Promise<void>
  readonly writeText: (file: string, text: string) => void
}

export interface ReplayOptions extends HorizonOptions {
  readonly days: number
  readonly from?: string
  readonly to?: string
  readonly asset?: readonly string[]
  readonly competition?: string
  readonly regime?: string
  readonly model: string
  readonly compare?: string
  readonly again?: boolean
  readonly engine: EngineName
  readonly threads?: number
  readonly output?: string
  readonly diagnosticsOnly?: boolean
  readonly json?: boolean
}

const modelsHelp = `
Models: ${servedModel} (what was sent), or one that forecasts the same prompts again
from the minutes known at that time: ${replayModels.join(', ')},
onnx:NAME (a folder of models.dir), champion (the one of the parameters).
Numbers follow a colon: ewma:lambda=0.93,df=4 or
blend:calibrated=0.7,ewma=0.3; champion:at=2026-10-01 is the one of that time.
`

export function addReplayCommand(program: Command, deps: ReplayCommandDeps): void {
  addHorizonOption(program.command('replay'))
    .description('score what was served against the real prices, under the rules of its date')
    .option('--days <count>', 'how far back', wholeDays, 30)
    .option('--from <instant>', 'first start, UTC, such as 2026-09-21 or 2026-09-21T12:00Z; instead of --days')
    .option('--to <instant>', 'starts before this; default: now')
    .option('--asset <names...>', 'only these assets')
    .option('--competition <key>', 'only prompts of this competition, such as crypto-24h')
    .option('--regime <id>', 'rules to use instead of those of the date')
    .option('--model <name>', 'what to score; see below', servedModel)
    .option('--compare <model>', 'score this model too, and compare the two prompt by prompt')
    .option('--again', 'score again what has a score already')
    .addOption(new Option('--engine <name>', 'what the jobs run on').choices(engineNames).default('embedded'))
    .option('--threads <count>', 'jobs at once; default: one per core', threadCount)
    .option('--output <file>', 'write what "tuner diagnose --json" says of these scores to a file')
    .option('--diagnostics-only', 'score nothing; show what "tuner diagnose" says of the scores')
    .option('--json', 'as JSON')
    .addOption(new Option('--start-date <instant>').hideHelp())
    .addOption(new Option('--end-date <instant>').hideHelp())
    .addHelpText(
      'after',
      modelsHelp +
        examples(
          'tuner replay --days 30',
          'tuner replay --asset BTC ETH --from 2026-09-23 --to 2026-09-26',
          'tuner replay --days 14 --asset BTC --compare ewma:lambda=0.93',
          'tuner replay --model champion:at=2026-10-01 --compare champion',
        ),
    )
    .action((options: ReplayOptions & OlderNames) => replay(deps, withoutOlderNames(options)))
}

/** As the options are called in older miners. */
interface OlderNames {
  readonly startDate?: string
  readonly endDate?: string
}

function withoutOlderNames({ startDate, endDate, ...options }: ReplayOptions & OlderNames): ReplayOptions {
  return {
    ...options,
    ...(options.from === undefined && startDate !== undefined ? { from: startDate } : {}),
    ...(options.to === undefined && endDate !== undefined ? { to: endDate } : {}),
  }
}

export async function replay(deps: ReplayCommandDeps, options: ReplayOptions): Promise<void> {
  if (options.diagnosticsOnly !== true) await score(deps, options)
  if (options.output === undefined && options.diagnosticsOnly !== true) return
  await tellDiagnosis(deps, options)
}

async function tellDiagnosis(deps: ReplayCommandDeps, options: ReplayOptions): Promise<void> {
  const { output } = options
  if (output === undefined) return deps.diagnose(options, deps.terminal)
  const lines: string[] = []
  await deps.diagnose({ ...options, json: true }, { ...deps.terminal, write: (line) => void lines.push(line) })
  deps.writeText(output, `${lines.join('\n')}\n`)
  if (options.json !== true) deps.terminal.write(`Diagnosis: ${output}`)
}

async function score(deps: ReplayCommandDeps, options: ReplayOptions): Promise<void> {
  const range = readPeriod(options, deps.clock.nowMs())
  const { engine, threads, regime } = options
  const context = deps.open({
    engine,
    ...(threads === undefined ? {} : { threads }),
    ...(regime === undefined ? {} : { regime }),
  })
  try {
    checkNames(context.book, context.scores.listAssets(), options)
    const horizon = horizonOption(options)
    const filter = {
      ...range,
      ...(options.asset === undefined ? {} : { assets: options.asset }),
      ...(horizon === undefined ? {} : { timeLengthSeconds: horizonSeconds[horizon] }),
    }
    const models = [options.model, ...(options.compare === undefined ? [] : [options.compare])]
    const requests: ReplayRequest[] = []
    for (const model of models) requests.push(await requestOf(context, model, filter, options))
    const runs: ReplayRun[] = []
    for (const request of requests) runs.push(await runOne(deps, context, request))
    const [before, after] = runs
    const comparisons =
      before === undefined || after === undefined ? undefined : compareModels(before.scores, after.scores)
    const reports = runs.map(({ report }) => report)
    write(deps.terminal, options, { database: context.database, kept: context.countKept(), reports, comparisons })
    finish(reports)
  } finally {
    await context.close()
  }
}

async function runOne(deps: ReplayCommandDeps, context: ReplayContext, request: ReplayRequest): Promise<ReplayRun> {
  const { progress } = deps
  const stages = { prices: 'real prices', scores: request.model === servedModel ? 'scores' : 'forecasts' }
  try {
    return await context.run(request, {
      signal: deps.interrupted(),
      onProgress: ({ stage, done, total }) => progress.update(stages[stage], done, total),
    })
  } finally {
    progress.stop()
  }
}

async function requestOf(
  context: ReplayContext,
  text: string,
  filter: PredictionFilter,
  { competition, regime, again = false }: ReplayOptions,
): Promise<ReplayRequest> {
  const chosen = {
    filter,
    again,
    ...(competition === undefined ? {} : { competition }),
    ...(regime === undefined ? {} : { regime }),
  }
  if (text === servedModel) return { ...chosen, model: servedModel, specOf: () => null }
  const model = parseModel(text)
  const sources = await context.sourcesOf(model)
  return { ...chosen, model: writeModel(model, sources), specOf: (asset) => specFor(model, asset, sources) }
}

interface Outcome {
  readonly database: string
  readonly kept: number
  readonly reports: readonly ReplayReport[]
  readonly comparisons: readonly AssetComparison[] | undefined
}

function write(terminal: Terminal, { json }: ReplayOptions, { database, kept, reports, comparisons }: Outcome): void {
  const { write: line } = terminal
  const [first, second] = reports
  if (json === true) {
    writeJson(terminal, ReplayShape, {
      database,
      kept,
      replays: reports.map(({ failures, ...report }) => ({
        ...report,
        failures: failures.map(({ day, ...failure }) => ({ ...failure, day: formatDay(day * dayMs) })),
      })),
      comparisons: comparisons?.map((one) => ({ ...one, comparison: one.comparison ?? null })) ?? null,
    })
    return
  }
  // A name is not broken, so that it can be copied.
  line(`Database: ${database}`)
  for (const [i, report] of reports.entries()) {
    if (i > 0) line('')
    if (reports.length > 1) line(`Model ${report.model}`)
    for (const text of reportLines(report, kept)) line(text)
  }
  if (first === undefined || second === undefined || comparisons === undefined) return
  for (const text of comparisonLines(first.model, second.model, comparisons)) line(text)
}

/** The exit code, after everything has been printed. */
function finish(reports: readonly ReplayReport[]): void {
  const left = reports.reduce((sum, report) => sum + report.left, 0)
  const waiting = reports.flatMap((report) => report.waiting)
  if (left > 0) {
    const reason = reports.flatMap(({ failures }) => failures)[0]?.reason ?? 'the run was stopped'
    throw new StoreError('REPLAY_INCOMPLETE', `The scores of ${counted(left, 'prediction')} are missing: ${reason}.`)
  }
  const damaged = reports
    .flatMap(({ problems }) => problems)
    .filter(({ reason, fresh }) => fresh > 0 && (reason === 'hashDiffers' || reason === 'unreadable'))
  if (damaged.length > 0) {
    const many = damaged.reduce((sum, { fresh }) => sum + fresh, 0)
    throw new StoreError(
      'REPLAY_DAMAGED_PATHS',
      `The stored paths of ${counted(many, 'prediction')} are damaged, such as ${damaged[0]!.examples[0]}.`,
    )
  }
  if (waiting.length > 0) {
    const many = waiting.reduce((sum, { count }) => sum + count, 0)
    throw new StoreError(
      'REPLAY_INCOMPLETE',
      `The real prices of ${counted(many, 'settled prediction')} are missing: ${waiting[0]!.message}.`,
      {
        hint: 'Run "tuner minutes backfill" and then the command again.',
      },
    )
  }
}

function threadCount(text: string): number {
  const threads = Number(text)
  if (!Number.isInteger(threads) || threads < 1 || threads > 256) {
    throw new InvalidArgumentError(
      `It must be a whole number from 1 to 256; this computer has ${availableParallelism()} cores.`,
    )
  }
  return threads
}
