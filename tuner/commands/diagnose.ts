import type { Command } from 'commander'
import { examples } from '#core/base/cli/examples'
import type { Terminal } from '#core/base/cli/terminal'
import { writeJson } from '#core/base/cli/write-json'
import { UsageError } from '#core/base/errors/app-error'
import { wrapLine } from '#core/base/text/wrap-line'
import type { Clock } from '#core/base/time/clock'
import { formatMinute } from '#core/base/time/instant-text'
import { dayMs } from '#core/base/time/units'
import { horizonOf } from '#core/synth/prompts/horizon'
import type { RegimeBook } from '#core/synth/regimes/book'
import type { Fan } from '#core/tuning/diagnosis/charts'
import { type Diagnosis, diagnose } from '#core/tuning/diagnosis/diagnose'
import { fanPredictions } from '#core/tuning/diagnosis/fan-predictions'
import type { ReadField } from '#core/tuning/diagnosis/field-comparison'
import type { ScoredPrediction } from '#core/tuning/diagnosis/scored-prediction'
import { validatorWindows } from '#core/tuning/diagnosis/validator-windows'
import type { FieldWindow } from '#core/tuning/shadow/field'
import type { PaidReport } from '#core/tuning/shadow/paid-report'
import { DiagnoseShape, viewDiagnosis } from '#core/tuning/views/diagnosis-view'
import { addHorizonOption, type HorizonOptions, horizonOption } from '../options/horizon.ts'
import { checkNames } from '../options/known-names.ts'
import { readPeriod, wholeDays } from '../options/period.ts'
import { detailLines, findingLines, overviewLines, windowLines } from '../report/diagnosis-text.ts'
import { type RenderChart, writeReportPage } from '../report/report-page.ts'

export interface DiagnoseWindow {
  readonly fromMs: number
  readonly toMs: number
  readonly assets: readonly string[] | undefined
  readonly competition: string | undefined
  /** Rules instead of those of the date. */
  readonly regime: string | undefined
}

export interface DiagnoseContext {
  readonly book: RegimeBook
  /** Those with at least one score. */
  listAssets(): readonly string[]
  /** The public scores that `tuner shadow fetch` has stored. */
  readonly readField: ReadField
  /** Our place among all miners by update of the validator; undefined: none of our prompts has public scores. */
  readonly readShadow: (period: FieldWindow, model: string) => Promise<PaidReport | undefined>
  /** Of the model with all details, and the totals of all others for comparison. */
  readRows(window: DiagnoseWindow, model: string): readonly ScoredPrediction[]
  /** Undefined if the paths or the real prices are missing. */
  readFan(prediction: ScoredPrediction): Promise<Fan | undefined>
  close(): void
}

export interface DiagnoseCommandDeps {
  readonly open: () => DiagnoseContext
  readonly terminal: Terminal
  readonly clock: Clock
  readonly renderChart: RenderChart
  readonly writeText: (file: string, text: string) => void
}

export interface DiagnoseOptions extends HorizonOptions {
  readonly days: number
  readonly from?: string
  readonly to?: string
  readonly asset?: readonly string[]
  readonly competition?: string
  readonly regime?: string
  readonly model: string
  readonly html?: string
  readonly json?: boolean
}

/** The scores of all miners of three days and the windows before them are 200 MB, and the miner runs beside this. */
const shadowMs = 3 * dayMs

export function addDiagnoseCommand(program: Command, deps: DiagnoseCommandDeps): void {
  addHorizonOption(program.command('diagnose'))
    .description('show where the forecast was wrong: by interval, hour, weekday, volatility, and what it costs')
    .option('--days <count>', 'how far back', wholeDays, 30)
    .option('--from <instant>', 'first start, UTC, such as 2026-09-21 or 2026-09-21T12:00Z; instead of --days')
    .option('--to <instant>', 'starts before this; default: now')
    .option('--asset <name...>', 'only these assets, with all details')
    .option('--competition <key>', 'only this competition')
    .option('--regime <id>', 'scores under these rules ("tuner replay --regime") instead of those of the date')
    .option('--model <name>', 'what was served, or a model that replay has scored', 'served')
    .option('--html <file>', 'write a page with fan charts, PIT and coverage plots')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `\n"tuner replay" makes the scores; its option --model scores a baseline.\n"tuner shadow fetch" stores the public scores of the field.\n${examples('tuner diagnose --days 30', 'tuner diagnose --asset BTC --html btc.html')}`,
    )
    .action((options: DiagnoseOptions) => diagnoseScores(deps, options))
}

export async function diagnoseScores(deps: DiagnoseCommandDeps, options: DiagnoseOptions): Promise<void> {
  const window: DiagnoseWindow = {
    ...readPeriod(options, deps.clock.nowMs()),
    assets: options.asset,
    competition: options.competition,
    regime: options.regime,
  }
  const context = deps.open()
  try {
    checkNames(context.book, context.listAssets(), options)
    await run(context, window, options, deps)
  } finally {
    context.close()
  }
}

async function run(
  context: DiagnoseContext,
  window: DiagnoseWindow,
  options: DiagnoseOptions,
  { terminal, renderChart, writeText }: DiagnoseCommandDeps,
): Promise<void> {
  const horizon = horizonOption(options)
  const rows = context
    .readRows(window, options.model)
    .filter(({ timeLengthSeconds }) => horizon === undefined || horizonOf(timeLengthSeconds) === horizon)
  const { book, readField } = context
  const diagnosis = diagnose(rows, options.model, readField)
  if (diagnosis.subjects.length === 0) {
    const known = [...new Set(rows.map(({ model }) => model))].sort()
    throw new UsageError(
      'NOTHING_SCORED',
      `No scores of ${options.model} from ${formatMinute(window.fromMs)} to ${formatMinute(window.toMs)}.`,
      {
        hint:
          known.length === 0
            ? 'Run "tuner replay" first, or name another period.'
            : `There are scores of ${known.join(', ')}.`,
      },
    )
  }
  const { fromMs, toMs } = window
  const competitions = validatorWindows(rows, options.model, { book, fromMs, toMs, readField })
  if (options.html !== undefined) {
    const { model } = options
    const fans = await readFans(context, rows, model, diagnosis)
    const shadow = await context.readShadow({ fromMs: Math.max(fromMs, toMs - shadowMs), toMs }, model)
    writeText(
      options.html,
      await writeReportPage({ diagnosis, competitions, shadow, fans, ...window, model }, renderChart),
    )
  }
  if (options.json === true) {
    writeJson(terminal, DiagnoseShape, viewDiagnosis({ fromMs, toMs, model: options.model }, diagnosis, competitions))
    return
  }
  for (const line of [...overviewLines(diagnosis), ...windowLines(competitions)]) terminal.write(line)
  if (options.asset !== undefined) {
    for (const subject of diagnosis.subjects) for (const line of detailLines(subject)) terminal.write(line)
  }
  terminal.write('')
  for (const line of findingLines(diagnosis).flatMap((text) => wrapLine(text))) terminal.write(line)
  if (options.html !== undefined) terminal.write(`Report: ${options.html}`)
}

async function readFans(
  context: DiagnoseContext,
  rows: readonly ScoredPrediction[],
  model: string,
  { subjects }: Diagnosis,
): Promise<Map<string, readonly Fan[]>> {
  const fans = new Map<string, readonly Fan[]>()
  for (const subject of subjects) {
    const found = []
    for (const prediction of fanPredictions(rows, model, subject)) {
      const fan = await context.readFan(prediction)
      if (fan !== undefined) found.push(fan)
    }
    fans.set(subject.name, found)
  }
  return fans
}
