import type { PredictionRecord } from '#core/journal/prediction-record'
import { type JournalCommandDeps, type SelectOptions, select, withJournal } from './context.ts'

export interface ListOptions extends SelectOptions {
  readonly count: number
}

/** The newest last, as a log reads. */
export function listPredictions(deps: JournalCommandDeps, options: ListOptions): void {
  const records = withJournal(deps, (context) => select(deps, context, options))
  for (const record of records.slice(-options.count)) deps.terminal.write(describe(record))
  const left = records.length - options.count
  if (left > 0) deps.terminal.warn(`and ${left} older ones; --count shows more`)
  if (records.length === 0) deps.terminal.warn('Nothing of what was asked for is in the journal.')
}

function describe({ id, model, rung, reason, isDegraded }: PredictionRecord): string {
  return `${id.padEnd(46)} ${model.name} (${rung}), ${reason}${isDegraded ? ', degraded' : ''}`
}
