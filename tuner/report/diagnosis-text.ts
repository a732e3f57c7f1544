import { counted } from '#core/base/text/counted'
import { textTable } from '#core/base/text/text-table'
import { formatInstant } from '#core/synth/regimes/instant'
import type { Diagnosis, SubjectDiagnosis } from '#core/tuning/diagnosis/diagnose'
import type { FieldGroup } from '#core/tuning/diagnosis/field-comparison'
import type { Calibration, LevelCoverage } from '#core/tuning/diagnosis/findings'
import type { CompetitionWindows } from '#core/tuning/diagnosis/validator-windows'

/** The overview: one line per asset and horizon, within 80 columns. */
export function overviewLines({ subjects }: Diagnosis): string[] {
  const rows = subjects.map((subject) => {
    const main = mainOf(subject)
    const baseline = subject.baselines.find(({ model }) => /^(reference|seed)/.test(model)) ?? subject.baselines[0]
    return [
      subject.name,
      String(subject.totals.scored),
      subject.totals.mean?.toFixed(1) ?? '-',
      main === undefined ? '-' : widthText(main),
      main?.varianceRatio.toFixed(2) ?? '-',
      baseline === undefined ? '-' : `${baseline.ratio.toFixed(4)} ${baseline.model.slice(0, 16)}`,
    ]
  })
  const head = ['', 'prompts', 'mean', 'width (99 %)', 'var', 'against']
  return [...textTable(head, rows), ...legend, ...fieldOverview(subjects)]
}

const legend = [
  'mean: score, lower is better. width: + too wide, - too narrow, and its interval.',
  'var: real variance over that of the forecast; below 1 the forecast is too wide.',
  'against: our mean score over that of this model; below 1 ours is better.',
] as const

const fieldLegend = [
  'better: miners with a better score. to median, to best: + worse than theirs.',
  '95 %: interval of the difference to the median.',
] as const

/** With a few days only there is no interval, and no width is right or wrong. */
export function findingLines({ subjects, sentences }: Diagnosis): readonly string[] {
  const unjudged = subjects.filter((subject) => mainOf(subject)?.widthInterval == null)
  if (sentences.length === 0 && unjudged.length === subjects.length) return ['Too few days to judge any width.']
  return [
    ...(sentences.length === 0 ? ['No width is wrong beyond its interval.'] : sentences),
    ...(unjudged.length === 0 ? [] : [`Too few days to judge ${unjudged.map(({ name }) => name).join(', ')}.`]),
  ]
}

/** Rows without a stored public score are left out. */
function fieldOverview(subjects: readonly SubjectDiagnosis[]): string[] {
  const known = subjects.flatMap(({ name, field }) => (field === null ? [] : [{ name, group: field.all }]))
  if (known.length === 0) return []
  return ['', ...fieldTable('among all miners', known), ...fieldLegend]
}

function fieldTable(title: string, rows: readonly { readonly name: string; readonly group: FieldGroup }[]): string[] {
  return textTable(
    [title, 'prompts', 'rank', 'better', 'to median', '95 %', 'to best'],
    rows.map(({ name, group }) => [
      name,
      String(group.prompts),
      `${Math.round(group.medianRank)}/${Math.round(group.miners)}`,
      `${(100 * group.behind).toFixed(0)} %`,
      signed(group.versusMedian.ratio),
      group.versusMedian.interval === null
        ? 'few days'
        : `${signed(group.versusMedian.interval.low)} to ${signed(group.versusMedian.interval.high)}`,
      signed(group.versusBest.ratio),
    ]),
  )
}

/** Each competition as the validator averages it: its days, its weights of the assets. */
export function windowLines(competitions: readonly CompetitionWindows[]): string[] {
  if (competitions.length === 0) return []
  const rows = competitions.map(({ key, windowDays, windows }) => {
    const last = windows.at(-1)!
    const before = windows.at(-1 - weekDays)
    const field = last.field
    return [
      key,
      String(windowDays),
      String(last.prompts),
      last.smoothedCrps.toFixed(1),
      before === undefined ? '-' : before.smoothedCrps.toFixed(1),
      ...(field === null
        ? ['-', '-', '-', '-']
        : [
            field.rank === undefined ? '-' : `${field.rank}/${field.miners}`,
            field.smoothedScore?.toFixed(1) ?? '-',
            field.bestSmoothed.toFixed(1),
            field.medianSmoothed.toFixed(1),
          ]),
    ]
  })
  const head = ['competition', 'days', 'prompts', 'CRPS', '7 d ago', 'rank', 'score', 'best', 'median']
  return ['', ...textTable(head, rows)]
}

const weekDays = 7

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
    ...bucketLines(subject),
    ...section('by interval', subject.byInterval),
    ...(subject.mainInterval === null ? [] : ['', `Of ${subject.mainInterval}:`]),
    ...coverageLines(mainOf(subject)),
    ...section('by time ahead', subject.byHorizon),
    ...section('by hour, UTC', subject.byHour),
    ...section('by weekday', subject.byWeekday),
    ...section('by volatility', subject.byVolatility),
    ...blockLines(subject),
    ...rollingLines(subject),
    ...baselineLines(subject),
    ...fieldLines(subject),
  ]
}

function bucketLines({ byBucket }: SubjectDiagnosis): string[] {
  const models = [...new Set(byBucket.flatMap(({ baselines }) => baselines.map(({ model }) => model)))].slice(0, 2)
  const rows = byBucket.map(({ bucket, mean, median, sd, share, baselines }) => [
    bucket,
    mean.toFixed(1),
    median.toFixed(1),
    sd?.toFixed(1) ?? '-',
    `${(100 * share).toFixed(1)} %`,
    ...models.map((name) => baselines.find(({ model }) => model === name)?.ratio.toFixed(4) ?? '-'),
  ])
  const heads = models.map((model) => `to ${model.slice(0, 12)}`)
  return ['', ...textTable(['intervals', 'mean', 'median', 'sd', 'share', ...heads], rows)]
}

function coverageLines(main: Calibration | undefined): string[] {
  if (main === undefined) return []
  const percent = (share: number): string => (100 * share).toFixed(1)
  const row = (name: string, { share, interval }: { share: number; interval: LevelCoverage['interval'] }): string[] => [
    name,
    `${percent(share)} %`,
    interval === null ? 'too few days' : `${percent(interval.low)} to ${percent(interval.high)} %`,
  ]
  const rows = main.coverage.map((coverage) => row(`below ${(100 * coverage.level).toFixed(0)} %`, coverage))
  if (main.middle95 !== null) rows.push(row('the middle 95 %', main.middle95))
  return ['', ...textTable(['coverage', 'share', 'band (99 %)'], rows)]
}

/** One line per week, the newest last. */
function rollingLines({ rolling }: SubjectDiagnosis): string[] {
  const weeks = rolling.filter((_, index) => (rolling.length - 1 - index) % weekDays === 0)
  const rows = weeks.map(({ dayMs, mean, prompts }) => [
    formatInstant(dayMs).slice(0, 10),
    mean.toFixed(1),
    String(prompts),
  ])
  return ['', ...textTable(['seven days until', 'mean', 'prompts'], rows)]
}

function fieldLines({ field }: SubjectDiagnosis): string[] {
  if (field === null) return []
  const table = (title: string, groups: readonly FieldGroup[]): string[] => [
    '',
    ...fieldTable(
      title,
      groups.map((group) => ({ name: group.group, group })),
    ),
  ]
  return [
    ...table('among all miners', [field.all]),
    ...table('by start, UTC', field.byQuarterOfDay),
    ...table('by weekday', field.byWeekday),
    ...table('by volatility', field.byVolatility),
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
  // With few moves all may be inside; then nothing shows how much too wide the forecast was.
  if (!Number.isFinite(width)) return 'all inside'
  const range = widthInterval === null ? '' : ` (${wider(widthInterval.low)} to ${wider(widthInterval.high)})`
  return `${wider(width)} %${range}`
}

function wider(width: number): string {
  const percent = Math.round(100 * (width - 1))
  return Number.isFinite(percent) ? `${percent >= 0 ? '+' : ''}${percent}` : 'any'
}

/** A ratio as a difference: `-1.2 %` is better. */
function signed(ratio: number): string {
  return `${ratio >= 1 ? '+' : ''}${(100 * (ratio - 1)).toFixed(1)} %`
}

function fixed(value: number | null): string {
  return value?.toFixed(1) ?? 'none'
}
