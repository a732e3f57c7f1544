import { writeJson } from '#core/base/cli/write-json'
import { AppError } from '#core/base/errors/app-error'
import { counted } from '#core/base/text/counted'
import { exportLine, pathsJsonOf, servedText } from '#core/forecast/journal/export-line'
import { JournalExportShape } from '#core/forecast/journal/journal-view'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'
import { type JournalCommandDeps, type JournalContext, type SelectOptions, select, withJournal } from './context.ts'

export interface JournalExportOptions extends SelectOptions {
  readonly out?: string
  readonly paths: boolean
  readonly json?: boolean
}

/** One JSON object a line, under the field names of the older miners' logs. */
export function exportPredictions(deps: JournalCommandDeps, options: JournalExportOptions): void {
  withJournal(deps, (context) => {
    const records = select(deps, context, options)
    let without = 0
    const lines = function* (): Generator<string> {
      for (const record of records) {
        const paths = options.paths ? pathsOf(deps, context, record) : undefined
        if (options.paths && paths === undefined) without += 1
        yield exportLine(record, paths)
      }
    }
    if (options.out === undefined) for (const line of lines()) deps.terminal.write(line)
    else {
      const count = deps.writeLines(options.out, lines())
      if (options.json === true) {
        const report = { file: options.out, predictions: count, withoutPrices: without }
        writeJson(deps.terminal, JournalExportShape, report)
      } else deps.terminal.write(`${options.out}: ${counted(count, 'prediction')}`)
    }
    if (without > 0) {
      throw new AppError(
        'JOURNAL_PRICES_MISSING',
        `The prices of ${without} of ${counted(records.length, 'prediction')} are no longer available.`,
      )
    }
  })
}

function pathsOf(deps: JournalCommandDeps, context: JournalContext, record: PredictionRecord): string | undefined {
  const reading = context.reader.readPaths(record.id)
  if (!reading.ok) {
    deps.terminal.warn(`${record.id}: without prices, ${reading.detail}`)
    return undefined
  }
  const text = servedText(record.prompt, reading.paths, context.writePrices)
  return text === undefined ? undefined : pathsJsonOf(text)
}
