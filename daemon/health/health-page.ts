import type { HealthReport, PartHealth } from '#core/base/health/health-board'
import { escapeHtml } from '#core/base/text/escape-html'
import { formatInstant } from '#core/synth/regimes/instant'

const marks: Record<PartHealth['state'], string> = { ok: '●', degraded: '◐', notConfigured: '○', failed: '✕' }
const words: Record<PartHealth['state'], string> = {
  ok: 'ok',
  degraded: 'degraded',
  notConfigured: 'not configured',
  failed: 'failed',
}

const columnWords: Readonly<Record<string, string>> = {
  lastMadeAtMs: 'last answer',
  atDailyCap: 'at the daily cap',
  withIndependentPaths: 'with independent paths',
  afterFallback: 'after a fallback',
}

export function renderHealthPage(report: HealthReport, version: string): string {
  const rows = Object.entries(report.parts)
    .map(
      ([name, part]) =>
        `<tr class="${part.state}"><th scope="row">${marks[part.state]} ${escapeHtml(name)}</th><td>${words[part.state]}</td>` +
        `<td>${escapeHtml(part.sentence)}${part.hint === undefined ? '' : `<br><small>${escapeHtml(part.hint)}</small>`}` +
        `${part.table === undefined ? '' : renderTable(part.table)}</td></tr>`,
    )
    .join('\n')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5">
<title>volcast miner: ${report.state}</title>
<style>
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
  body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #8884 }
  .ok th { color: #2a7d3f } .degraded th { color: #b26a00 } .failed th { color: #c0392b } .notConfigured { opacity: .75 }
</style>
</head>
<body>
<h1>volcast miner: ${report.state}</h1>
<p>Version ${escapeHtml(version)}. The same as JSON: <a href="/health">/health</a>.</p>
<table>
${rows}
</table>
</body>
</html>
`
}

function renderTable(table: NonNullable<PartHealth['table']>): string {
  const columns = Object.keys(Object.values(table)[0] ?? {})
  const head = columns.map((column) => `<th>${escapeHtml(columnWords[column] ?? column)}</th>`).join('')
  const lines = Object.entries(table).map(
    ([name, row]) =>
      `<tr><td>${escapeHtml(name)}</td>${columns.map((column) => `<td>${figure(column, row[column])}</td>`).join('')}</tr>`,
  )
  return `<details><summary>${lines.length} lines</summary><table><tr><th></th>${head}</tr>${lines.join('')}</table></details>`
}

function figure(column: string, value: number | undefined): string {
  if (value === undefined) return ''
  return column.endsWith('AtMs') ? formatInstant(value) : String(value)
}
