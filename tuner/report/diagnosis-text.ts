import type { Diagnosis, SubjectDiagnosis } from '#core/diagnosis/diagnose'
import type { Calibration } from '#core/diagnosis/findings'
import { counted } from '#core/text/counted'
import { textTable } from '#core/text/text-table'

/** The overview: a line for each asset and horizon, within 80 columns. */
export function overviewLines({ subjects }: Diagnosis): string[] {
  const rows = subjects.map((subject) => {
    const main = mainOf(subject)
    const [baseline] = subject.baselines
    return [
      subject.name,
      String(subject.totals.scored),
      subject.totals.mean?.toFixed(1) ?? '-',
      main === undefined ? '-' : widthText(main),
      main?.varianceRatio.toFixed(2) ?? '-',
      baseline === undefined ? '-' : `${baseline.ratio.toFixed(4)} ${baseline.model}`,
    ]
  })
  return textTable(['', 'prompts', 'mean', 'width (99 %)', 'var', 'against'], rows)
}

/** Everything about one asset on one horizon. */
export function detailLines(subject: SubjectDiagnosis): string[] {
  const { totals } = subject
  return [
    '',
    `${subject.name}: ${counted(totals.scored, 'prompt')}, mean ${fixed(totals.mean)}, median ${fixed(totals.median)}, ` +
      `from ${fixed(totals.least)} to ${fixed(totals.most)}`,
    ...totals.unscored.map(({ problem, count }) => `  ${count} not scored: ${problem}`),
    '',
    ...textTable(
      ['interval', 'CRPS', 'share'],
      subject.shares.map(({ name, crps, share }) => [name, crps.toFixed(3), `${(100 * share).toFixed(1)} %`]),
    ),
    ...section('by interval', subject.byInterval),
    ...(subject.mainInterval === null ? [] : ['', `Of ${subject.mainInterval}:`]),
    ...section('by time ahead', subject.byHorizon),
    ...section('by hour, UTC', subject.byHour),
    ...section('by weekday', subject.byWeekday),
    ...section('by volatility', subject.byVolatility),
    ...blockLines(subject),
    ...baselineLines(subject),
  ]
}

function section(title: string, calibrations: readonly Calibration[]): string[] {
  if (calibrations.length === 0) return []
  const rows = calibrations.map((calibration) => [
    calibration.group,
    calibration.meanCrps.toFixed(3),
    widthText(calibration),
    calibration.varianceRatio.toFixed(2),
    calibration.coverage.map(({ share }) => (100 * share).toFixed(0).padStart(3)).join(' '),
  ])
  return ['', ...textTable([title, 'CRPS', 'width (99 %)', 'var', 'below 5 25 50 75 90 95'], rows)]
}

function blockLines({ volatilityBlocks }: SubjectDiagnosis): string[] {
  if (volatilityBlocks.length === 0) return []
  const rows = volatilityBlocks.map(({ block, count, ratio, insideMiddleHalf }) => [
    block,
    String(count),
    ratio.toFixed(3),
    `${(100 * insideMiddleHalf).toFixed(0)} %`,
  ])
  return ['', ...textTable(['volatility of', 'blocks', 'real/forecast', 'in the middle half'], rows)]
}

function baselineLines({ baselines }: SubjectDiagnosis): string[] {
  if (baselines.length === 0) return []
  const rows = baselines.map(({ model, prompts, ratio, interval }) => [
    model,
    String(prompts),
    ratio.toFixed(4),
    interval === null ? 'too few days' : `${interval.low.toFixed(4)} to ${interval.high.toFixed(4)}`,
  ])
  return ['', ...textTable(['against', 'prompts', 'ratio', '95 %'], rows)]
}

function mainOf(subject: SubjectDiagnosis): Calibration | undefined {
  return subject.byInterval.find(({ group }) => group === subject.mainInterval)
}

function widthText({ width, widthInterval }: Calibration): string {
  const percent = (value: number) => `${value >= 1 ? '+' : ''}${(100 * (value - 1)).toFixed(0)}`
  const range = widthInterval === null ? '' : ` (${percent(widthInterval.low)} to ${percent(widthInterval.high)})`
  return `${percent(width)} %${range}`
}

function fixed(value: number | null): string {
  return value?.toFixed(1) ?? 'none'
}
