import { counted } from '#core/base/text/counted'
import { wrapLine } from '#core/base/text/wrap-line'
import { dayMs, hourSeconds } from '#core/base/time/units'
import type { AssetComparison } from '#core/tuning/replay/compare-models'
import type { AssetTotal, ReasonGroup, ReplayReport } from '#core/tuning/replay/run-replay'

export function reportLines(report: ReplayReport, kept: number): string[] {
  const { listed, known, unsettled, scored, waiting, problems, failures, left } = report
  if (kept === 0) return ['The journal is empty: the miner has kept no answer yet.']
  if (listed === 0)
    return wrapLine(
      `None of the ${counted(kept, 'prediction', 'predictions', count(kept))} is of this range and these names; "tuner journal status" shows what there is.`,
    )
  const lines = [
    `${counted(listed, 'prediction', 'predictions', count(listed))}: ${count(scored)} scored now, ${count(known)} known before, ${count(unsettled)} not settled yet`,
  ]
  if (left > 0) lines.push(`${count(left)} not scored this time; run the command again to continue`)
  if (report.totals.length > 0) lines.push('', ...totalLines(report.totals))
  if (waiting.length > 0) lines.push('', 'Waiting for real prices (the next replay tries again):')
  for (const group of waiting) lines.push(...groupLines(group))
  if (problems.length > 0) lines.push('', 'Without a score:')
  for (const group of problems) lines.push(...groupLines(group))
  if (failures.length > 0) lines.push('', 'Failed:')
  for (const { asset, day, reason } of failures) lines.push(...wrapLine(`  ${asset} ${dayText(day)}: ${reason}`))
  return lines
}

export function comparisonLines(before: string, after: string, rows: readonly AssetComparison[]): string[] {
  const lines = [
    '',
    ...wrapLine(`${after} against ${before} on the same prompts; below 1 is better`),
    `${'asset'.padEnd(8)}${'length'.padEnd(8)}${'prompts'.padStart(8)}${'before'.padStart(11)}${'after'.padStart(11)}${'ratio'.padStart(9)}   95 % interval`,
  ]
  for (const { asset, timeLengthSeconds, comparison } of rows) {
    const head = `${asset.padEnd(8)}${`${timeLengthSeconds / hourSeconds}h`.padEnd(8)}`
    const horizon = comparison?.horizons[0]
    if (comparison === undefined || horizon === undefined) {
      lines.push(`${head}${'0'.padStart(8)}  no prompt has a score of both`)
      continue
    }
    const [low, high] = comparison.interval
    const isJudged = comparison.days >= leastDays
    const cells = [
      count(comparison.count).padStart(8),
      mean(horizon.oldMean).padStart(11),
      mean(horizon.newMean).padStart(11),
      (1 + comparison.relativeDifference).toFixed(4).padStart(9),
    ]
    lines.push(
      `${head}${cells.join('')}   ${isJudged ? `${(1 + low).toFixed(4)} to ${(1 + high).toFixed(4)}` : 'too few days'}`,
    )
  }
  if (rows.some(({ comparison }) => comparison !== undefined && comparison.days < leastDays)) {
    lines.push('One day does not show how days differ: too few days to judge.')
  }
  return lines
}

/** Below, the interval says only how large the score is. */
const leastDays = 2

function totalLines(totals: readonly AssetTotal[]): string[] {
  const header = `${'competition'.padEnd(14)}${'asset'.padEnd(8)}${'scored'.padStart(8)}${'problems'.padStart(10)}${'mean'.padStart(13)}${'price part'.padStart(13)}${'volatility'.padStart(12)}`
  return [
    header,
    ...totals.map((row) =>
      [
        (row.competition === '' ? 'none' : row.competition).padEnd(14),
        row.asset.padEnd(8),
        count(row.scored).padStart(8),
        count(row.problems).padStart(10),
        mean(row.total).padStart(13),
        mean(row.pricePart).padStart(13),
        mean(row.volatilityPart).padStart(12),
      ].join(''),
    ),
  ]
}

function groupLines({ count: many, message, assets, examples }: ReasonGroup<string>): string[] {
  return [
    ...wrapLine(`  ${count(many)} of ${assets.join(', ')}: ${message}`),
    ...wrapLine(`    such as ${examples.slice(0, 2).join(', ')}`, { indent: '    ' }),
  ]
}

function mean(value: number | null): string {
  if (value === null) return '-'
  return value.toFixed(value < 1_000 ? 3 : 1)
}

function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ')
}

function dayText(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10)
}
