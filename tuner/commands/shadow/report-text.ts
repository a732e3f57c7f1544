import { counted } from '#core/base/text/counted'
import { textTable } from '#core/base/text/text-table'
import { wrapLine } from '#core/base/text/wrap-line'
import { formatBareMinute, formatDay } from '#core/base/time/instant-text'
import { formatInstant } from '#core/synth/regimes/instant'
import { type AssetRanks, isMostlyUnknown } from '#core/tuning/shadow/asset-ranks'
import { type DayEarnings, earnedOn, type RealisedShare } from '#core/tuning/shadow/earnings'
import { type PaidReport, paidNow } from '#core/tuning/shadow/paid-report'
import type { CompetitionReport } from '#core/tuning/shadow/report'
import type { SimulatedWeight } from '#core/tuning/shadow/simulate-weights'

export function reportLines(paid: PaidReport, byAsset: boolean): string[] {
  const { report } = paid
  const lines = wrapLine(
    `Public scores from ${formatInstant(report.fromMs)} to ${formatInstant(report.toMs)}, ours: ${report.model}`,
  )
  for (const competition of report.competitions) {
    lines.push('', `${competition.label}, ${(100 * competition.coefficient).toFixed(1)} % of what miners get`)
    lines.push(...assetTable(competition.assets), ...seriesOf(competition, paid))
    if (!byAsset) continue
    const known = competition.assets.filter((one) => competition.isComparable || !isMostlyUnknown(one))
    for (const { asset, weights } of known) {
      lines.push('', `${asset} alone, as if ${competition.label} had no other asset`, ...seriesTable(weights, paid))
    }
  }
  if (report.competitions.length > 0) lines.push('', ...legend)
  const without = report.competitions.filter(({ isComparable }) => !isComparable).map(({ label }) => label)
  const except = without.length === 0 ? '' : ` (without ${without.join(', ')})`
  lines.push('', `Weight now, of all that miners get: ${percent(report.weight)}${except}`, ...externalLines(paid))
  if (report.changedHands !== null && report.changedHands > 0) {
    lines.push(`${counted(report.changedHands, 'uid')} changed hands; the present holder counts as a newcomer.`)
  }
  const last = report.competitions.map(({ weights }) => weights.at(-1)?.unrecorded ?? 0)
  if (last.some((count) => count > 0)) {
    lines.push('Prompts that are not in the journal are skipped: our score of them is unknown.')
  }
  return [...lines, ...[...report.problems, ...report.gaps].flatMap((text) => wrapLine(`Note: ${text}.`))]
}

const legend = wrapLine(
  'coverage: the share of the scored prompts that we have a score for; miners: the same of the median miner. Ranks and gaps are over the prompts that both have.',
)

function assetTable(assets: readonly AssetRanks[]): string[] {
  const rows = assets.map((asset) => [
    asset.asset,
    `${asset.answered}/${asset.prompts}`,
    `${(100 * asset.realisedCoverage).toFixed(0)} %`,
    `${(100 * asset.medianCoverage).toFixed(0)} %`,
    Number.isNaN(asset.medianRank) ? '-' : `${asset.medianRank}/${asset.miners}`,
    signed(asset.gapToBest),
    signed(asset.gapToMedian),
    Number.isNaN(asset.aheadOfMedian) ? '-' : `${(100 * asset.aheadOfMedian).toFixed(0)} %`,
  ])
  return textTable(['', 'answered', 'coverage', 'miners', 'median rank', 'to best', 'to median', 'ahead'], rows)
}

function seriesOf({ isComparable, weights, updates }: CompetitionReport, paid: PaidReport): string[] {
  if (!isComparable) return ['No rank and no weight: too few of our answers are known (see the note below).']
  const last = weights.at(-1)
  if (last === undefined) return []
  return [
    ...seriesTable(weights, paid),
    ...wrapLine(
      `${weights.length} of ${counted(updates, 'update')} of the validator. The last counts ${last.answered} of our answers, ${last.missed} missed, ${last.unrecorded} skipped, ${last.backfilled} filled back.`,
    ),
  ]
}

function seriesTable(weights: readonly SimulatedWeight[], { pay, realised }: PaidReport): string[] {
  const isPaid = pay.pools.length > 0
  const rows = weights.map((weight) => {
    const earned = earnedOn(formatDay(weight.updateAtMs), weight.weight, pay, realised)
    return [
      formatBareMinute(weight.updateAtMs),
      weight.smoothedScore?.toFixed(2) ?? '-',
      weight.bestSmoothed.toFixed(2),
      weight.rank === undefined ? '-' : `${weight.rank}/${weight.miners}`,
      percent(weight.weight),
      ...(isPaid ? [earned?.usd.toFixed(2) ?? '-', earned?.tao?.toFixed(4) ?? '-'] : []),
    ]
  })
  const head = ['update, UTC', 'smoothed', 'best', 'rank', 'weight', ...(isPaid ? ['USD a day', 'TAO a day'] : [])]
  return textTable(head, rows)
}

function externalLines({ report: { external, weightWithExternal, weightWithoutExternal } }: PaidReport): string[] {
  if (external.length === 0) return []
  const names = external.map(({ label, share }) => `${label} (${(100 * share).toFixed(1)} %)`).join(', ')
  return [
    `  ${percent(weightWithoutExternal)} without, ${percent(weightWithExternal)} with ${names}, which is scored elsewhere;`,
    '  validators may blend it in, and nothing public shows whether they do.',
  ]
}

/** What a person who has not registered yet wants to know first. */
export function verdictLines(paid: PaidReport): string[] {
  const { competitions, model, weight } = paid.report
  const ranks = competitions.flatMap(({ label, weights, isComparable }) => {
    const last = weights.at(-1)
    if (!isComparable) return [`without a known place in ${label}`]
    if (last === undefined || last.answered === 0) return []
    return [
      last.rank === undefined
        ? `without a part in ${label}`
        : `${ordinal(last.rank)} of the ${last.miners} with a weight in ${label} (${percent(last.weight)})`,
    ]
  })
  const now = paidNow(paid)
  const tao = now?.tao == null ? '' : ` or ${now.tao.toFixed(4)} TAO`
  const { share, measuredOn } = paid.realised
  const earned =
    now === undefined
      ? ''
      : `, ${now.usd.toFixed(2)} USD a day${tao} of the pool of ${now.day}, with ${share} of the weight realised, as measured on ${measuredOn}`
  return wrapLine(
    `With ${model} you would have been ${ranks.join(', ')}: weight ${percent(weight)} of all that miners get${earned}.`,
  )
}

export function earningsLines(
  days: readonly DayEarnings[],
  { share, measuredOn }: RealisedShare,
  isFromOtherOwnerRule: boolean,
  problems: readonly string[],
): string[] {
  const rows = days.map(({ day, poolUsd, taoUsd, weight, usd, tao }) => [
    day,
    poolUsd.toFixed(0),
    taoUsd?.toFixed(2) ?? '-',
    percent(weight),
    usd.toFixed(2),
    tao?.toFixed(4) ?? '-',
  ])
  const total = days.reduce((sum, { usd }) => sum + usd, 0)
  const taos = days.map(({ tao }) => tao)
  const totalTao = taos.some((tao) => tao === null) ? '' : ` or ${sumOf(taos).toFixed(4)} TAO`
  return [
    ...textTable(['day', 'pool USD', 'TAO in USD', 'weight', 'USD', 'TAO'], rows),
    '',
    ...competitionTable(days),
    '',
    ...wrapLine(
      `Total ${total.toFixed(2)} USD${totalTao}, with ${share} of the weight realised, as measured on ${measuredOn}.`,
    ),
    ...(isFromOtherOwnerRule ? wrapLine(`Note: ${otherOwnerRule}.`) : []),
    ...problems.flatMap((text) => wrapLine(`Note: ${text}.`)),
  ]
}

export const otherOwnerRule =
  "the owner's part of the emission changed since then; set shadow.realisedShare to what you see now"

function competitionTable(days: readonly DayEarnings[]): string[] {
  const rows = (days[0]?.competitions ?? []).map(({ key, label }) => {
    const own = days.flatMap(({ competitions }) => competitions.filter((one) => one.key === key))
    const taos = own.map(({ tao }) => tao)
    return [
      label,
      percent(sumOf(own.map(({ weight }) => weight)) / own.length),
      (sumOf(own.map(({ usd }) => usd)) / own.length).toFixed(2),
      taos.some((tao) => tao === null) ? '-' : (sumOf(taos) / taos.length).toFixed(4),
    ]
  })
  return textTable(['mean of these days', 'weight', 'USD a day', 'TAO a day'], rows)
}

function sumOf(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
}

function percent(share: number): string {
  return `${(100 * share).toFixed(3)} %`
}

function ordinal(rank: number): string {
  const teen = rank % 100 >= 11 && rank % 100 <= 13
  return `${rank}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][rank % 10] ?? 'th')}`
}

function signed(value: number): string {
  return Number.isNaN(value) ? '-' : `${value >= 0 ? '+' : ''}${value.toFixed(1)}`
}
