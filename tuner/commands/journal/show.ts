import { UsageError } from '#core/errors/app-error'
import { exportLine } from '#core/journal/export-line'
import type { PathsReading } from '#core/journal/journal'
import { nearestName } from '#core/text/nearest-name'
import { type JournalCommandDeps, type JournalContext, withJournal } from './context.ts'

/** One prediction as JSON for a person, and whether its prices are there and are the ones that were served. */
export function showPrediction(deps: JournalCommandDeps, id: string): void {
  withJournal(deps, (context) => {
    const record = context.reader.find(id)
    if (record === undefined) throw unknownPrediction(context, id)
    const fields = JSON.parse(exportLine(record, undefined)) as Record<string, unknown>
    deps.terminal.write(JSON.stringify({ ...fields, prices: describePrices(context.reader.readPaths(id)) }, null, 2))
  })
}

function describePrices(reading: PathsReading): Record<string, unknown> {
  if (!reading.ok) return { readable: false, reason: reading.reason, detail: reading.detail }
  const { pathCount, pointCount, values } = reading.paths
  const last = Array.from({ length: pathCount }, (_, path) => values[(path + 1) * pointCount - 1]!).sort(
    (a, b) => a - b,
  )
  const at = (share: number) => last[Math.min(pathCount - 1, Math.floor(share * pathCount))]
  const ends = { p05: at(0.05), p25: at(0.25), median: at(0.5), p75: at(0.75), p95: at(0.95) }
  return { readable: true, from: reading.origin === 'blob' ? 'stored' : 'made again', pathCount, pointCount, ends }
}

function unknownPrediction({ reader }: JournalContext, id: string): UsageError {
  const near = nearestName(
    id,
    reader.list({}).map((record) => record.id),
  )
  return new UsageError(
    'PREDICTION_UNKNOWN',
    `No prediction is called ${id}.`,
    near === undefined ? {} : { hint: `Did you mean ${near}? "tuner journal list" shows the names.` },
  )
}
