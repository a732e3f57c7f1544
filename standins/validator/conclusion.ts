import { LifecycleError } from '#core/base/errors/app-error'
import type { ValidatorReport } from './report.ts'
import { tableNote } from './score-table.ts'

/** The last lines of a run: prompts and answers, and the table. */
export function conclusionLines(
  report: ValidatorReport,
  table: readonly string[],
  sure: readonly string[] = [],
): string[] {
  const { prompts, badRequests, market } = report
  const { p50, p95 } = prompts.answerMs
  return [
    `\n${prompts.answered} of ${prompts.sent} prompts answered, in ${p50 ?? '-'} ms (median; 95 %: ${p95 ?? '-'} ms); ` +
      `${badRequests.refused} of ${badRequests.sent} bad requests refused.`,
    `${prompts.scored} answers scored, ${prompts.pending} not due yet, ${prompts.unscored} without a price to score them; ` +
      `${minuteText(market.startAt)} to ${minuteText(market.endAt)} in ${market.realSeconds} s.`,
    ...(table.length === 0 ? [] : [`\nMean scores over the same prompts (${tableNote}):`, ...table, '', ...sure]),
  ]
}

/** Throws when the run found something wrong, or was stopped early. */
export function failUnlessClean(report: ValidatorReport, isCutShort: boolean): void {
  if (!report.ok) throw new LifecycleError('DEMO_FAILED', report.problems.join(' '))
  if (isCutShort) throw new LifecycleError('DEMO_STOPPED', 'The run was stopped before its end.')
}

function minuteText(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')} UTC`
}
