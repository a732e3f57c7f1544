import { counted } from '#core/base/text/counted'
import { textTable } from '#core/base/text/text-table'
import { wrapLine } from '#core/base/text/wrap-line'
import { hourSeconds } from '#core/base/time/units'
import { formatInstant } from '#core/synth/regimes/instant'
import type { ReplayReport } from '#core/tuning/replay/run-replay'
import type { FieldWindow } from '#core/tuning/shadow/field'
import type { RuleAlarm } from '#core/tuning/shadow/rule-watch'
import type { WeightVerification } from '#core/tuning/shadow/verify-weights'
import type { FieldWatch } from '#core/tuning/shadow/watch-field'

/** Prompts without a score, and why. */
export function forecastProblems({ problems, waiting, failures }: ReplayReport): string[] {
  return [
    ...[...problems, ...waiting].map(
      ({ count, assets, message }) => `${counted(count, 'prompt')} of ${assets.join(', ')} without a score: ${message}`,
    ),
    ...failures.map(({ asset, reason }) => `prompts of ${asset} without a score: ${reason}`),
  ]
}

export function verifyLines({ fromMs, toMs }: FieldWindow, verified: readonly WeightVerification[]): string[] {
  const lines = [`The validator's updates from ${formatInstant(fromMs)} to ${formatInstant(toMs)}:`]
  const rows = verified.map((one) => [
    one.label,
    `${one.equalUpdates}/${one.updates}`,
    `${one.equalWeights}/${one.weights}`,
    one.largestDifference.toExponential(1),
    String(one.skipped),
  ])
  lines.push(...textTable(['', 'updates equal', 'weights equal', 'largest', 'skipped'], rows))
  for (const { label, first } of verified) {
    if (first === undefined) continue
    const { updatedAtMs, uid, published, ours, publishedSmoothed, ourSmoothed } = first
    lines.push(
      ...wrapLine(
        `${label}, first difference: ${formatInstant(updatedAtMs)}, uid ${uid}: published ${published ?? 'none'} (smoothed ${publishedSmoothed ?? '-'}), ours ${ours ?? 'none'} (smoothed ${ourSmoothed ?? '-'}).`,
      ),
    )
  }
  if (verified.some(({ skipped }) => skipped > 0))
    lines.push('Skipped: public scores of their windows are not stored ("tuner shadow fetch --days 12").')
  return lines
}

export function watchLines({ rules, own }: Pick<FieldWatch, 'rules' | 'own'>): string[] {
  const lines = [
    `The clip and fill rule of their date explains ${rules.asExpected} of ${counted(rules.prompts, 'prompt')}.`,
  ]
  for (const [sentence, alarms] of [
    ['follow no known rule', rules.unexplained],
    ['follow the rule of another date', rules.otherRule],
  ] as const) {
    if (alarms.length > 0) lines.push(`${alarms.length} ${sentence}:`, ...alarms.slice(0, 5).map(alarmLine))
  }
  if (own === undefined) return lines
  lines.push(`Our replay equals ${own.equal} of ${counted(own.compared, 'published score')} of our uid.`)
  for (const { prompt, published, replayed } of own.different.slice(0, 5)) {
    lines.push(`  ${nameOf(prompt)}: published ${published}, replayed ${replayed}`)
  }
  return lines
}

function alarmLine({ prompt, recognition }: RuleAlarm): string {
  const [mismatch] = recognition.mismatches
  if (recognition.kind !== 'none') {
    return `  ${nameOf(prompt)}: as in ${recognition.rules.flatMap(({ regimeIds }) => regimeIds).join(', ')}`
  }
  const detail =
    mismatch === undefined ? '' : `: published ${mismatch.first.published}, expected ${mismatch.first.expected}`
  return `  ${nameOf(prompt)}${detail}`
}

function nameOf({ asset, timeLengthSeconds, scoredAtMs }: RuleAlarm['prompt']): string {
  return `${asset} ${timeLengthSeconds / hourSeconds}h until ${formatInstant(scoredAtMs)}`
}
