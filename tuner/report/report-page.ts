import {
  type ChartSpec,
  coverageChart,
  type Fan,
  fanChart,
  pitChart,
  rollingChart,
  widthChart,
} from '#core/diagnosis/charts'
import type { Diagnosis, SubjectDiagnosis } from '#core/diagnosis/diagnose'
import { formatInstant } from '#core/regimes/instant'
import { counted } from '#core/text/counted'
import { escapeHtml } from '#core/text/escape-html'

export interface ReportInput {
  readonly diagnosis: Diagnosis
  /** Fans of a few prompts, by the subject's name. */
  readonly fans: ReadonlyMap<string, readonly Fan[]>
  readonly fromMs: number
  readonly toMs: number
  readonly model: string
}

export type RenderChart = (spec: ChartSpec) => Promise<string>

/** One file with everything in it: it can be mailed, and opens without a network. */
export async function writeReportPage(input: ReportInput, render: RenderChart): Promise<string> {
  const { diagnosis, model } = input
  const sections = []
  for (const subject of diagnosis.subjects) {
    sections.push(await subjectSection(subject, input.fans.get(subject.name) ?? [], render))
  }
  const period = `${formatInstant(input.fromMs)} to ${formatInstant(input.toMs)}`
  const findings =
    diagnosis.sentences.length === 0
      ? '<p>No width is wrong beyond its interval.</p>'
      : `<ol>${diagnosis.sentences.map((text) => `<li>${escapeHtml(text)}</li>`).join('')}</ol>`
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
  const { name, totals, shares, baselines } = subject
  const main = subject.byInterval.find(({ group }) => group === subject.mainInterval)
  const specs = [
    ...(main === undefined ? [] : [pitChart(main), coverageChart(main)]),
    widthChart('Width by hour, UTC', subject.byHour),
    widthChart('Width by interval', subject.byInterval),
    rollingChart(subject),
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
<div class="charts">${charts.join('\n')}</div>
</section>`
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
  return `${value >= 0 ? '+' : ''}${(100 * value).toFixed(1)} %`
}
