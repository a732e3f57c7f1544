import { formatDay } from '#core/base/time/instant-text'
import { earnedOn } from '../shadow/earnings.ts'
import type { PaidReport } from '../shadow/paid-report.ts'
import type { CompetitionReport } from '../shadow/report.ts'
import { type ChartSpec, chart } from './charts.ts'

/** Rank, smoothed score, weight and earnings by update of the validator. */
export function seriesCharts(competition: CompetitionReport, { pay, realised }: PaidReport): ChartSpec[] {
  const { label, weights, assets } = competition
  const ranks = [
    ...weights.map(({ updateAtMs, rank }) => ({ updateAtMs, value: rank ?? null, of: 'competition' })),
    ...assets.flatMap(({ asset, weights: alone }) =>
      alone.map(({ updateAtMs, rank }) => ({ updateAtMs, value: rank ?? null, of: `${asset} alone` })),
    ),
  ]
  const scores = weights.flatMap(({ updateAtMs, smoothedScore, bestSmoothed, medianSmoothed }) => [
    { updateAtMs, value: smoothedScore ?? null, of: 'ours' },
    { updateAtMs, value: bestSmoothed, of: 'best' },
    { updateAtMs, value: medianSmoothed, of: 'median' },
  ])
  const shares = weights.map(({ updateAtMs, weight }) => ({ updateAtMs, value: weight, of: 'ours' }))
  const earned = weights.flatMap(({ updateAtMs, weight }) => {
    const found = earnedOn(formatDay(updateAtMs), weight, pay, realised)
    return found === null ? [] : [{ updateAtMs, usd: found.usd, tao: found.tao }]
  })
  const hasTao = earned.length > 0 && earned.every(({ tao }) => tao !== null)
  return [
    lines(`${label}: rank, 1 is the best`, ranks, {
      title: 'rank',
      scale: { reverse: true, zero: false },
      axis: { format: 'd', tickMinStep: 1 },
    }),
    lines(`${label}: smoothed score, lower is better`, scores, { title: 'smoothed score', scale: { zero: false } }),
    lines(`${label}: weight`, shares, { title: 'of all that miners get', axis: { format: '.3%' } }),
    ...(earned.length === 0
      ? []
      : [
          lines(
            `${label}: earnings, ${hasTao ? 'TAO' : 'USD'} a day`,
            earned.map(({ updateAtMs, usd, tao }) => ({ updateAtMs, value: hasTao ? tao : usd, of: 'ours' })),
            { title: hasTao ? 'TAO a day' : 'USD a day' },
          ),
        ]),
  ]
}

interface Point {
  readonly updateAtMs: number
  /** Null: a gap in the line. */
  readonly value: number | null
  readonly of: string
}

function lines(title: string, values: readonly Point[], y: Readonly<Record<string, unknown>>): ChartSpec {
  const names = [...new Set(values.map(({ of }) => of))]
  const color = names.length < 2 ? {} : { color: { field: 'of', type: 'nominal', sort: names, title: null } }
  return chart(title, {
    data: { values },
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'updateAtMs', type: 'temporal', scale: { type: 'utc' }, title: null },
      y: { field: 'value', type: 'quantitative', ...y },
      ...color,
    },
  })
}
