import { writeJson } from '#core/base/cli/write-json'
import { AppError } from '#core/base/errors/app-error'
import { dayMs } from '#core/base/time/units'
import { estimateEarnings, isFromOtherOwnerRule } from '#core/tuning/shadow/earnings'
import { fetchPay } from '#core/tuning/shadow/fetch-pay'
import { ShadowEarningsShape, viewEarnings } from '#core/tuning/views/shadow-view'
import type { ShadowCommandDeps, ShadowContext } from './context.ts'
import { type ReportOptions, readReport } from './report.ts'
import { earningsLines } from './report-text.ts'

/** Of each competition and day: enough for the mean of a day. */
const updatesPerDay = 8

/** `tuner shadow earnings`. */
export async function showEarnings(
  context: ShadowContext,
  deps: ShadowCommandDeps,
  options: ReportOptions,
): Promise<void> {
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
    ...unknown.map(({ label }) => `without ${label}: too few of our answers are known ("tuner shadow" says more)`),
  ]
  const { realised } = context
  const days = estimateEarnings(competitions, pay, realised)
  const isOld = isFromOtherOwnerRule(context.book, realised, nowMs)
  if (options.json === true) {
    writeJson(deps.terminal, ShadowEarningsShape, viewEarnings(days, realised, isOld, problems))
  } else for (const line of earningsLines(days, realised, isOld, problems)) deps.terminal.write(line)
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
