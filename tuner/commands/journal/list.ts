import { writeJson } from '#core/base/cli/write-json'
import { JournalListShape, viewPredictions } from '#core/forecast/journal/journal-view'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'
import { type JournalCommandDeps, type SelectOptions, select, withJournal } from './context.ts'

export interface ListOptions extends SelectOptions {
  readonly count: number
  readonly json?: boolean
}

/** The newest last, as in a log. */
export function listPredictions(deps: JournalCommandDeps, options: ListOptions): void {
  const { terminal } = deps
  const records = withJournal(deps, (context) => select(deps, context, options))
  const shown = records.slice(-options.count)
  const older = records.length - shown.length
  if (options.json === true) {
    writeJson(terminal, JournalListShape, viewPredictions(shown, older))
    return
  }
  for (const record of shown) terminal.write(describe(record))
  if (older > 0) terminal.warn(`and ${older} older ones; --count shows more`)
  if (records.length === 0) terminal.warn('The journal has no such predictions.')
}

/** In 80 columns: the name, which people copy, is the long part. */
function describe({ id, model, rung, isDegraded }: PredictionRecord): string {
  const answered = model.name === rung ? rung : `${model.name} (${rung})`
  return `${id.padEnd(42)} ${answered}${isDegraded ? ', degraded' : ''}`
}
