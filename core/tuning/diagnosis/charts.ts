import type { Interval } from '#core/base/statistics/day-bootstrap'
import { pitBins } from '../replay/prediction-facts.ts'
import type { SubjectDiagnosis } from './diagnose.ts'
import type { FieldGroup } from './field-comparison.ts'
import type { Calibration } from './findings.ts'
import type { CompetitionWindows } from './validator-windows.ts'

/** A Vega-Lite specification with its data inside. */
export type ChartSpec = Readonly<Record<string, unknown>>

/** Quantiles of the paths of one prompt, point by point, and the real prices. */
export interface Fan {
  readonly name: string
  readonly points: readonly FanPoint[]
}

export interface FanPoint {
  readonly atMs: number
  /** 5, 25, 50, 75 and 95 %. */
  readonly quantiles: readonly [number, number, number, number, number]
  readonly real: number | null
}

const size = { width: 300, height: 180 } as const
const blue = '#2a6fb0'
const red = '#c0392b'
const grey = '#999'

export function chart(title: string, rest: ChartSpec): ChartSpec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: { text: title, fontSize: 12, anchor: 'start' },
    ...size,
    background: 'white',
    ...rest,
  }
}

export function fanChart({ name, points }: Fan): ChartSpec {
  const values = points.map(({ atMs, quantiles: [q5, q25, q50, q75, q95], real }) => ({
    atMs,
    q5,
    q25,
    q50,
    q75,
    q95,
    real,
  }))
  const x = { field: 'atMs', type: 'temporal', scale: { type: 'utc' }, title: null }
  const y = { type: 'quantitative', scale: { zero: false }, title: 'price' }
  const band = (low: string, high: string, opacity: number) => ({
    mark: { type: 'area', color: blue, opacity },
    encoding: { x, y: { ...y, field: low }, y2: { field: high } },
  })
  return chart(name, {
    width: 620,
    data: { values },
    layer: [
      band('q5', 'q95', 0.2),
      band('q25', 'q75', 0.3),
      { mark: { type: 'line', color: blue, strokeWidth: 1 }, encoding: { x, y: { ...y, field: 'q50' } } },
      { mark: { type: 'line', color: red, strokeWidth: 1.2 }, encoding: { x, y: { ...y, field: 'real' } } },
    ],
  })
}

export function pitChart(calibration: Calibration): ChartSpec {
  const values = calibration.pit.map((share, bin) => ({ from: bin / pitBins, to: (bin + 1) / pitBins, share }))
  return chart(`Where real moves fell, ${calibration.group}`, {
    data: { values },
    layer: [
      {
        mark: { type: 'bar', color: blue },
        encoding: {
          x: { field: 'from', type: 'quantitative', bin: { binned: true }, title: 'quantile of the forecast' },
          x2: { field: 'to' },
          y: { field: 'share', type: 'quantitative', title: 'share' },
        },
      },
      { mark: { type: 'rule', color: red, strokeDash: [4, 3] }, encoding: { y: { datum: 1 / pitBins } } },
    ],
  })
}

export function coverageChart(calibration: Calibration): ChartSpec {
  const values = calibration.coverage.map(({ level, share, interval }) => ({
    level,
    share,
    low: interval?.low ?? share,
    high: interval?.high ?? share,
  }))
  const scale = { domain: [0, 1] }
  const x = { field: 'level', type: 'quantitative', scale, title: 'level of the forecast' }
  return chart(`Share below each level, ${calibration.group}`, {
    layer: [
      {
        data: { values: [{ at: 0 }, { at: 1 }] },
        mark: { type: 'line', color: grey, strokeDash: [4, 3] },
        encoding: { x: { ...x, field: 'at' }, y: { field: 'at', type: 'quantitative', scale, title: 'share below' } },
      },
      {
        data: { values },
        mark: { type: 'rule', color: blue },
        encoding: { x, y: { field: 'low', type: 'quantitative', scale }, y2: { field: 'high' } },
      },
      {
        data: { values },
        mark: { type: 'point', filled: true, color: blue, size: 40 },
        encoding: { x, y: { field: 'share', type: 'quantitative', scale } },
      },
    ],
  })
}

export function widthChart(title: string, calibrations: readonly Calibration[]): ChartSpec {
  const ratios = calibrations.map(({ group, width, widthInterval }) => ({
    group,
    ratio: width,
    interval: widthInterval,
  }))
  return ratioChart(title, ratios, { title: 'too wide / too narrow', format: '+.0%' })
}

export function rollingChart({ rolling }: SubjectDiagnosis): ChartSpec {
  return chart('Mean score of seven days', {
    data: { values: rolling.map(({ dayMs, mean }) => ({ dayMs, mean })) },
    mark: { type: 'line', color: blue, point: true },
    encoding: {
      x: { field: 'dayMs', type: 'temporal', scale: { type: 'utc' }, title: null },
      y: { field: 'mean', type: 'quantitative', scale: { zero: false }, title: 'CRPS' },
    },
  })
}

/** Our mean over the field's median, as a difference: below 0 ours is better. */
export function fieldChart(title: string, groups: readonly FieldGroup[]): ChartSpec {
  const ratios = groups.map(({ group, versusMedian }) => ({ group, ...versusMedian }))
  return ratioChart(title, ratios, { title: "score to the field's median", format: '+.1%' })
}

interface GroupRatio {
  readonly group: string
  readonly ratio: number
  readonly interval: Interval | null
}

/** Ratios of groups as differences from 1. */
function ratioChart(
  title: string,
  ratios: readonly GroupRatio[],
  axis: { readonly title: string; readonly format: string },
): ChartSpec {
  const values = ratios.map(({ group, ratio, interval }) => {
    // A value without a bound is not on the axis. (An infinite ratio gets no mark by itself.)
    const isBounded = interval !== null && Number.isFinite(interval.low) && Number.isFinite(interval.high)
    const { low, high } = isBounded ? interval : { low: ratio, high: ratio }
    return { group, difference: ratio - 1, low: low - 1, high: high - 1 }
  })
  const x = { field: 'group', type: 'ordinal', sort: null, title: null, axis: { labelAngle: 0, labelOverlap: true } }
  const y = { type: 'quantitative', title: axis.title, axis: { format: axis.format } }
  return chart(title, {
    layer: [
      { mark: { type: 'rule', color: grey }, encoding: { y: { datum: 0 } } },
      {
        data: { values },
        mark: { type: 'rule', color: blue },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
      {
        data: { values },
        mark: { type: 'point', filled: true, color: blue, size: 40 },
        encoding: { x, y: { ...y, field: 'difference' } },
      },
    ],
  })
}

export function windowChart({ label, windowDays, windows }: CompetitionWindows): ChartSpec {
  return chart(`${label}: mean CRPS of ${windowDays} days`, {
    data: { values: windows.map(({ updateAtMs, smoothedCrps }) => ({ updateAtMs, smoothedCrps })) },
    mark: { type: 'line', color: blue, point: true },
    encoding: {
      x: { field: 'updateAtMs', type: 'temporal', scale: { type: 'utc' }, title: null },
      y: { field: 'smoothedCrps', type: 'quantitative', scale: { zero: false }, title: 'CRPS, weighted by asset' },
    },
  })
}
