import { counted } from '#core/base/text/counted'
import { escapeHtml } from '#core/base/text/escape-html'
import { formatInstant } from '#core/synth/regimes/instant'
import {
  type ChartSpec,
  coverageChart,
  type Fan,
  fanChart,
  fieldChart,
  pitChart,
  rollingChart,
  widthChart,
  windowChart,
} from '#core/tuning/diagnosis/charts'
import type { Diagnosis, SubjectDiagnosis } from '#core/tuning/diagnosis/diagnose'
import type { FieldComparison } from '#core/tuning/diagnosis/field-comparison'
import type { LevelCoverage } from '#core/tuning/diagnosis/findings'
import { seriesCharts } from '#core/tuning/diagnosis/series-charts'
import type { CompetitionWindows } from '#core/tuning/diagnosis/validator-windows'
import type { PaidReport } from '#core/tuning/shadow/paid-report'
import { findingLines } from './diagnosis-text.ts'

export interface ReportPageInput {
  readonly diagnosis: Diagnosis
  readonly competitions: readonly CompetitionWindows[]
  /** Our place among all miners; undefined: no public scores of our prompts are stored. */
  readonly shadow: PaidReport | undefined
  /** Fans of a few prompts, by the subject's name. */
  readonly fans: ReadonlyMap<string, readonly Fan[]>
  readonly fromMs: number
  readonly toMs: number
  readonly model: string
}

export type RenderChart = (spec: ChartSpec) => Promise<string>

/** One file with everything in it: it can be mailed, and opens without a network. */
export async function writeReportPage(input: ReportPageInput, render: RenderChart): Promise<string> {
  const { diagnosis, model } = input
  const sections = []
  for (const subject of diagnosis.subjects) {
    sections.push(await subjectSection(subject, input.fans.get(subject.name) ?? [], render))
  }
  const period = `${formatInstant(input.fromMs)} to ${formatInstant(input.toMs)}`
  const findings = `<ul>${findingLines(diagnosis)
    .map((text) => `<li>${escapeHtml(text)}</li>`)
    .join('')}</ul>`
  const links = diagnosis.subjects.map(({ name }) => `<a href="#${anchorOf(name)}">${escapeHtml(name)}</a>`).join(' · ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>volcast diagnosis</title>
<style>${style}</style>
</head>
<body>
<h1>Diagnosis</h1>
<p>${escapeHtml(period)}, ${model === 'served' ? 'as served' : `forecast again by ${escapeHtml(model)}`}. ${links}</p>
<h2>Findings</h2>
${findings}
<p class="note">Intervals are 99 %, from days drawn in blocks; a width is judged by the middle half of the forecast.</p>
${await windowsSection(input.competitions, render)}
${input.shadow === undefined ? '' : await seriesSection(input.shadow, render)}
${sections.join('\n')}
</body>
</html>
`
}

const style = `
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; margin: .5rem 0 1rem; }
th, td { padding: .15rem .7rem; text-align: right; border-bottom: 1px solid #ddd; }
th:first-child, td:first-child { text-align: left; }
.charts { display: flex; flex-wrap: wrap; gap: 1rem; }
.charts svg { max-width: 100%; height: auto; }
.note { color: #666; }`

async function subjectSection(subject: SubjectDiagnosis, fans: readonly Fan[], render: RenderChart): Promise<string> {
  const { name, totals, shares, baselines, field } = subject
  const main = subject.byInterval.find(({ group }) => group === subject.mainInterval)
  const specs = [
    ...(main === undefined ? [] : [pitChart(main), coverageChart(main)]),
    widthChart('Width by hour, UTC', subject.byHour),
    widthChart('Width by interval', subject.byInterval),
    rollingChart(subject),
    ...(field === null
      ? []
      : [
          fieldChart('To the field, by the hour of the start, UTC', field.byHour),
          fieldChart('To the field, by weekday', field.byWeekday),
        ]),
    ...fans.map(fanChart),
  ]
  const charts = []
  for (const spec of specs) charts.push(`<figure>${await render(spec)}</figure>`)
  const unscored = totals.unscored.map(({ problem, count }) => `${count} not scored: ${problem}`)
  const rows = shares.map(({ name: interval, crps, share }) => {
    const calibration = subject.byInterval.find(({ group }) => group === interval)
    const width = calibration === undefined ? '' : percentText(calibration.width - 1)
    const ratio = calibration === undefined ? '' : calibration.varianceRatio.toFixed(3)
    return [interval, crps.toFixed(2), `${(100 * share).toFixed(1)} %`, width, ratio]
  })
  return `<section id="${anchorOf(name)}">
<h2>${escapeHtml(name)}</h2>
<p>${counted(totals.scored, 'prompt')} scored, mean ${numberText(totals.mean)}, median ${numberText(totals.median)}, standard deviation ${numberText(totals.sd)}. ${escapeHtml(unscored.join('; '))}</p>
${table(['interval', 'CRPS', 'share', 'width', 'real / forecast variance'], rows)}
${
  baselines.length === 0
    ? ''
    : table(
        ['against', 'prompts', 'ratio', 'interval'],
        baselines.map(({ model, prompts, ratio, interval }) => [
          model,
          String(prompts),
          ratio.toFixed(4),
          interval === null ? 'too few days' : `${interval.low.toFixed(4)} to ${interval.high.toFixed(4)}`,
        ]),
      )
}
${bucketTable(subject)}
${coverageTable(subject)}
${field === null ? '<p class="note">No public score of these prompts is stored.</p>' : fieldTable(field)}
<div class="charts">${charts.join('\n')}</div>
</section>`
}

async function windowsSection(competitions: readonly CompetitionWindows[], render: RenderChart): Promise<string> {
  if (competitions.length === 0) return ''
  const rows = competitions.map(({ label, windowDays, windows }) => {
    const last = windows.at(-1)!
    const { field } = last
    return [
      label,
      `${windowDays} days`,
      String(last.prompts),
      last.smoothedCrps.toFixed(2),
      field?.rank === undefined ? '' : `${field.rank} of ${field.miners}`,
      field?.smoothedScore?.toFixed(2) ?? '',
      field?.bestSmoothed.toFixed(2) ?? '',
      field?.medianSmoothed.toFixed(2) ?? '',
    ]
  })
  const head = ['competition', 'window', 'prompts', 'mean CRPS', 'rank', 'smoothed score', 'best', 'median']
  const charts = []
  for (const competition of competitions) charts.push(`<figure>${await render(windowChart(competition))}</figure>`)
  return `<section id="windows">
<h2>Windows of the validator</h2>
<p class="note">Each competition over its own days, assets weighted by their coefficients; rank and smoothed scores on the prompts whose public scores are stored.</p>
${table(head, rows)}
<div class="charts">${charts.join('\n')}</div>
</section>`
}

/** By update of the validator, as `tuner shadow` shows it in tables. */
async function seriesSection(paid: PaidReport, render: RenderChart): Promise<string> {
  const { report } = paid
  const charts = []
  for (const competition of report.competitions.filter(({ isComparable }) => isComparable)) {
    for (const spec of seriesCharts(competition, paid)) charts.push(`<figure>${await render(spec)}</figure>`)
  }
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`
  const rows = report.competitions.flatMap(({ label, assets }) =>
    assets.map(({ asset, answered, prompts, realisedCoverage, medianCoverage, isComparable, medianRank, miners }) => [
      `${label}, ${asset}`,
      `${answered} of ${prompts}`,
      percent(realisedCoverage),
      percent(medianCoverage),
      isComparable && answered > 0 ? `${medianRank} of ${miners}` : 'no comparison',
    ]),
  )
  const head = ['competition', 'prompts with a score of ours', 'coverage', 'of the median miner', 'median rank']
  const notes = [...report.problems, ...report.gaps].map((text) => `<li>${escapeHtml(text)}</li>`).join('')
  return `<section id="updates">
<h2>By update of the validator</h2>
<p class="note">From ${escapeHtml(formatInstant(report.fromMs))} to ${escapeHtml(formatInstant(report.toMs))}: what the validator's weights would have been with us in them; "tuner shadow --every-update" prints the numbers. Coverage is the share of the scored prompts with a score; ranks are over the prompts that both have.</p>
${table(head, rows)}
<div class="charts">${charts.join('\n')}</div>
${notes === '' ? '' : `<ul class="note">${notes}</ul>`}
</section>`
}

function bucketTable({ byBucket }: SubjectDiagnosis): string {
  const models = [...new Set(byBucket.flatMap(({ baselines }) => baselines.map(({ model }) => model)))]
  const rows = byBucket.map(({ bucket, mean, median, sd, share, baselines }) => [
    bucket,
    numberText(mean),
    numberText(median),
    numberText(sd),
    `${(100 * share).toFixed(1)} %`,
    ...models.map((name) => baselines.find(({ model }) => model === name)?.ratio.toFixed(4) ?? ''),
  ])
  const heads = models.map((model) => `over ${model}`)
  return table(['intervals', 'mean', 'median', 'standard deviation', 'share', ...heads], rows)
}

function coverageTable({ byInterval }: SubjectDiagnosis): string {
  const cell = ({ share, interval }: Pick<LevelCoverage, 'share' | 'interval'>): string => {
    const band = interval === null ? '' : ` (${(100 * interval.low).toFixed(1)} to ${(100 * interval.high).toFixed(1)})`
    return `${(100 * share).toFixed(1)}${band}`
  }
  const levels = byInterval[0]?.coverage.map(({ level }) => `below ${(100 * level).toFixed(0)} %`) ?? []
  const rows = byInterval.map(({ group, coverage, middle95 }) => [
    group,
    ...coverage.map(cell),
    middle95 === null ? '' : cell(middle95),
  ])
  return table(['coverage, % with its 99 % band', ...levels, 'the middle 95 %'], rows)
}

function fieldTable({ all, byQuarterOfDay, byWeekday, byVolatility }: FieldComparison): string {
  const rows = [all, ...byQuarterOfDay, ...byWeekday, ...byVolatility].map((group) => [
    group.group,
    String(group.prompts),
    `${Math.round(group.medianRank)} of ${Math.round(group.miners)}`,
    `${(100 * group.behind).toFixed(0)} %`,
    percentText(group.versusMedian.ratio - 1),
    group.versusMedian.interval === null
      ? 'too few days'
      : `${percentText(group.versusMedian.interval.low - 1)} to ${percentText(group.versusMedian.interval.high - 1)}`,
    percentText(group.versusBest.ratio - 1),
  ])
  const head = [
    'among all miners',
    'prompts',
    'median rank',
    'were better',
    "to the field's median",
    '95 %',
    'to its best',
  ]
  const note =
    'Public scores are those of whole prompts; the scores of other miners for single intervals are not known.'
  return `${table(head, rows)}<p class="note">${note}</p>`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    `<tr>${row.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join('')}</tr>`
  return `<table><thead>${cells('th', head)}</thead><tbody>${rows.map((row) => cells('td', row)).join('')}</tbody></table>`
}

function anchorOf(name: string): string {
  return name.replace(/[^A-Za-z0-9]+/g, '-')
}

function numberText(value: number | null): string {
  return value === null ? 'none' : value.toFixed(2)
}

function percentText(value: number): string {
  if (!Number.isFinite(value)) return 'any'
  return `${value >= 0 ? '+' : ''}${(100 * value).toFixed(1)} %`
}
