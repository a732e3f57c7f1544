import { counted } from '#core/base/text/counted'
import { textTable } from '#core/base/text/text-table'
import { wrapLine } from '#core/base/text/wrap-line'
import { hourSeconds } from '#core/base/time/units'
import type { DailyPool } from '#core/market/venues/synth-api'
import { formatInstant } from '#core/synth/regimes/instant'
import type { ReplayReport } from '#core/tuning/replay/run-replay'
import type { DayEarnings, RealisedShare } from '#core/tuning/shadow/earnings'
import type { FieldWindow } from '#core/tuning/shadow/field'
import type { StoredShadowReport } from '#core/tuning/shadow/read-report'
import type { RuleAlarm } from '#core/tuning/shadow/rule-watch'
import type { WeightVerification } from '#core/tuning/shadow/verify-weights'
import type { FieldWatch } from '#core/tuning/shadow/watch-field'

export function reportLines(report: StoredShadowReport): string[] {
  const lines = wrapLine(
    `Public scores from ${formatInstant(report.fromMs)} to ${formatInstant(report.toMs)}, ours: ${report.model}`,
  )
  for (const competition of report.competitions) {
    lines.push('', `${competition.label}, ${(100 * competition.coefficient).toFixed(1)} % of what miners get`)
    const rows = competition.assets.map((asset) => [
      asset.asset,
      `${asset.answered}/${asset.prompts}`,
      `${asset.medianRank}/${asset.miners}`,
      signed(asset.gapToBest),
      signed(asset.gapToMedian),
      `${(100 * asset.aheadOfMedian).toFixed(0)} %`,
    ])
    lines.push(...textTable(['', 'answered', 'median rank', 'to best', 'to median', 'ahead of median'], rows))
    const weights = competition.weights.map((weight) => [
      formatInstant(weight.updateAtMs).slice(0, 10),
      weight.smoothedScore?.toFixed(2) ?? '-',
      weight.bestSmoothed.toFixed(2),
      weight.rank === undefined ? '-' : `${weight.rank}/${weight.miners}`,
      `${weight.missed}`,
      `${weight.unrecorded}`,
      `${weight.backfilled}`,
      `${(100 * weight.weight).toFixed(3)} %`,
    ])
    lines.push(...textTable(['day', 'smoothed', 'best', 'rank', 'missed', 'skipped', 'filled', 'weight'], weights))
  }
  lines.push('', `Weight now, of all that miners get: ${percent(report.weight)}`, ...externalLines(report))
  if (report.changedHands !== null && report.changedHands > 0) {
    lines.push(`${counted(report.changedHands, 'uid')} changed hands; the present holder counts as a newcomer.`)
  }
  const last = report.competitions.map(({ weights }) => weights.at(-1)?.unrecorded ?? 0)
  if (last.some((count) => count > 0)) {
    lines.push('Prompts that are not in the journal are skipped: our score of them is unknown.')
  }
  return [...lines, ...[...report.problems, ...report.gaps].flatMap((text) => wrapLine(`Note: ${text}.`))]
}

function externalLines({ external, weightWithExternal, weightWithoutExternal }: StoredShadowReport): string[] {
  if (external.length === 0) return []
  const names = external.map(({ label, share }) => `${label} (${(100 * share).toFixed(1)} %)`).join(', ')
  return [
    `  ${percent(weightWithoutExternal)} without, ${percent(weightWithExternal)} with ${names}, which is scored elsewhere;`,
    '  validators may blend it in, and nothing public shows whether they do.',
  ]
}

function percent(share: number): string {
  return `${(100 * share).toFixed(3)} %`
}

/** What a person who has not registered yet wants to know first. */
export function verdictLines(
  { competitions, model, weight }: StoredShadowReport,
  pool: DailyPool | undefined,
  usdPerDay: number | null,
): string[] {
  const ranks = competitions.flatMap(({ label, weights }) => {
    const last = weights.at(-1)
    if (last === undefined || last.answered === 0) return []
    return [
      last.rank === undefined
        ? `without a part in ${label}`
        : `${ordinal(last.rank)} of the ${last.miners} with a weight in ${label} (${percent(last.weight)})`,
    ]
  })
  const usd =
    pool === undefined || usdPerDay === null ? '' : `, ${usdPerDay.toFixed(2)} USD a day of the pool of ${pool.day}`
  return wrapLine(
    `With ${model} you would have been ${ranks.join(', ')}: weight ${percent(weight)} of all that miners get${usd}.`,
  )
}

/** Prompts without a score, and why. */
export function forecastProblems({ problems, waiting, failures }: ReplayReport): string[] {
  return [
    ...[...problems, ...waiting].map(
      ({ count, assets, message }) => `${counted(count, 'prompt')} of ${assets.join(', ')} without a score: ${message}`,
    ),
    ...failures.map(({ asset, reason }) => `prompts of ${asset} without a score: ${reason}`),
  ]
}

function ordinal(rank: number): string {
  const teen = rank % 100 >= 11 && rank % 100 <= 13
  return `${rank}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][rank % 10] ?? 'th')}`
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

export function earningsLines(
  days: readonly DayEarnings[],
  { share, measuredOn }: RealisedShare,
  isFromOtherOwnerRule: boolean,
): string[] {
  const rows = days.map(({ day, poolUsd, weight, usd }) => [
    day,
    poolUsd.toFixed(0),
    `${(100 * weight).toFixed(3)} %`,
    usd.toFixed(2),
  ])
  const total = days.reduce((sum, { usd }) => sum + usd, 0)
  return [
    ...textTable(['day', 'pool USD', 'weight', 'USD'], rows),
    `Total ${total.toFixed(2)} USD, with ${share} of the weight realised, as measured on ${measuredOn}.`,
    ...(isFromOtherOwnerRule
      ? wrapLine(
          "Note: the owner's part of the emission changed since then; set shadow.realisedShare to what you see now.",
        )
      : []),
  ]
}

function nameOf({ asset, timeLengthSeconds, scoredAtMs }: RuleAlarm['prompt']): string {
  return `${asset} ${timeLengthSeconds / hourSeconds}h until ${formatInstant(scoredAtMs)}`
}

function signed(value: number): string {
  return Number.isNaN(value) ? '-' : `${value >= 0 ? '+' : ''}${value.toFixed(1)}`
}
