import { writeJson } from '#core/base/cli/write-json'
import { UsageError } from '#core/base/errors/app-error'
import { counted } from '#core/base/text/counted'
import { textTable } from '#core/base/text/text-table'
import { wrapLine } from '#core/base/text/wrap-line'
import { hourSeconds } from '#core/base/time/units'
import { formatInstant } from '#core/synth/regimes/instant'
import type { FieldWindow } from '#core/tuning/shadow/field'
import { reportServed, type ServedFate, type ServedReport, servedOutcomes } from '#core/tuning/shadow/served-prompts'
import { ShadowServedShape, viewServed } from '#core/tuning/views/shadow-view'
import { checkNames } from '../../options/known-names.ts'
import { readPeriod } from '../../options/period.ts'
import type { DaysOptions, ShadowCommandDeps, ShadowContext } from './context.ts'
import { readUid } from './uid.ts'

export interface ServedOptions extends DaysOptions {
  readonly asset?: readonly string[]
  readonly uid?: string
  readonly list?: boolean
}

/** Which of the prompts in the journal the validator has scored. */
export function tellServed(
  context: ShadowContext,
  { terminal, clock }: ShadowCommandDeps,
  options: ServedOptions,
): void {
  const nowMs = clock.nowMs()
  const uid = readUid(options.uid)
  const period = readPeriod(options, nowMs)
  checkNames(context.book, context.listAssets(), { asset: options.asset })
  const served = context.listServed(period, options.asset)
  if (served.length === 0) {
    throw new UsageError('NOTHING_SCORED', 'The journal has no prediction in this period.', {
      hint: context.isJournalEmpty() ? 'The journal is empty.' : 'Take a longer period with --days.',
    })
  }
  const report = reportServed(context, served, period, { uid, nowMs })
  if (options.json === true) writeJson(terminal, ShadowServedShape, viewServed(report, uid))
  else for (const line of servedLines(report, period, uid, options.list === true)) terminal.write(line)
}

const words = {
  scored: 'scored',
  missed: 'missed',
  withoutUs: 'without us',
  leftOut: 'left out',
  notOver: 'not over',
  notFetched: 'not fetched',
} as const satisfies Record<ServedFate['outcome'], string>

function servedLines(
  { prompts, notInJournal }: ServedReport,
  { fromMs, toMs }: FieldWindow,
  uid: number | undefined,
  isListed: boolean,
): string[] {
  const whose = uid === undefined ? 'scored for anybody (--uid names us)' : `scored for uid ${uid}`
  const lines = wrapLine(`Prompts of the journal from ${formatInstant(fromMs)} to ${formatInstant(toMs)}, ${whose}:`)
  lines.push(...countTable(prompts), '', ...reasonLines(prompts))
  const unfetched = prompts.filter(({ outcome }) => outcome === 'notFetched').length
  if (unfetched > 0) {
    lines.push(
      ...wrapLine(
        `The public scores of ${counted(unfetched, 'prompt')} are not stored or not final: run "tuner shadow fetch", a quarter of a day after their end.`,
      ),
    )
  }
  if (notInJournal !== undefined && notInJournal > 0) {
    lines.push(
      ...wrapLine(
        `${counted(notInJournal, 'score')} of our uid ${notInJournal === 1 ? 'is' : 'are'} of prompts that the journal does not hold: it keeps a sample (journal.sampling).`,
      ),
    )
  }
  if (isListed) lines.push('', ...prompts.flatMap(listLines))
  return lines
}

function countTable(prompts: readonly ServedFate[]): string[] {
  const names = [...new Set(prompts.map(nameOf))].sort()
  const rows = names.map((name) => {
    const own = prompts.filter((prompt) => nameOf(prompt) === name)
    const counts = servedOutcomes.map((outcome) => own.filter((prompt) => prompt.outcome === outcome).length)
    return [name, ...[own.length, ...counts].map(String)]
  })
  return textTable(['', 'served', ...servedOutcomes.map((outcome) => words[outcome])], rows)
}

/** Each reason once, the most frequent first. */
function reasonLines(prompts: readonly ServedFate[]): string[] {
  const counts = new Map<string, number>()
  for (const { outcome, reason } of prompts) {
    if (reason === undefined) continue
    const text = `${words[outcome]}: ${reason}`
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return [...counts].sort(([, a], [, b]) => b - a).flatMap(([text, count]) => wrapLine(`${count} ${text}.`))
}

function listLines({ id, outcome, reason, crps, total }: ServedFate): string[] {
  const published = crps === undefined ? '' : ` ${crps.toFixed(2)}`
  const replayed = total === null ? '' : `, replay ${total.toFixed(2)}`
  const line = `${id.padEnd(42)} ${words[outcome]}${published}${replayed}${reason === undefined ? '' : `: ${reason}`}`
  return wrapLine(line)
}

function nameOf({ asset, timeLengthSeconds }: ServedFate): string {
  return `${asset} ${timeLengthSeconds / hourSeconds}h`
}
