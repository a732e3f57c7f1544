import { writeJson } from '#core/base/cli/write-json'
import { formatDay } from '#core/base/time/instant-text'
import { dayMs } from '#core/base/time/units'
import { isFromOtherOwnerRule } from '#core/tuning/shadow/earnings'
import { fetchPay } from '#core/tuning/shadow/fetch-pay'
import { ownScoresOfFiles } from '#core/tuning/shadow/own-scores'
import type { PaidReport } from '#core/tuning/shadow/paid-report'
import type { UnrecordedRule } from '#core/tuning/shadow/prepared-field'
import { nothingStored, readShadowReport, type StoredShadowReport } from '#core/tuning/shadow/read-report'
import { ShadowReportShape, viewShadowReport } from '#core/tuning/views/shadow-view'
import { readPeriod } from '../../options/period.ts'
import { readOptionalInstant } from '../../options/read-instant.ts'
import type { DaysOptions, ShadowCommandDeps, ShadowContext } from './context.ts'
import { otherOwnerRule, reportLines, verdictLines } from './report-text.ts'
import { forecastProblems } from './text.ts'

export interface ReportOptions extends DaysOptions {
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

type InContext = (work: (context: ShadowContext) => Promise<void> | void) => Promise<void>

/** `tuner shadow report`, of what was served, replayed or brought in files. */
export async function reportServed(
  context: ShadowContext,
  { terminal, clock }: ShadowCommandDeps,
  options: ReportOptions,
): Promise<void> {
  const nowMs = clock.nowMs()
  const paid = await payReport(context, nowMs, readReport(context, nowMs, options))
  if (options.json === true) writeJson(terminal, ShadowReportShape, viewShadowReport(paid))
  else for (const line of reportLines(paid, options.byAsset === true)) terminal.write(line)
}

/** `tuner shadow --forecast MODEL`. */
export async function rankForecast(
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

export function readReport(
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
