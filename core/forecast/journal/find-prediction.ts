import { UsageError } from '#core/base/errors/app-error'
import { nearestName } from '#core/base/text/nearest-name'
import type { JournalReader } from './journal.ts'
import type { PredictionRecord } from './prediction-record.ts'

/** By its name, or by the beginning of one that no other name has: nobody needs to type the hash at the end. */
export function findPrediction(reader: Pick<JournalReader, 'find' | 'list'>, name: string): PredictionRecord {
  const exact = reader.find(name)
  if (exact !== undefined) return exact
  const all = reader.list({})
  const begun = name === '' ? [] : all.filter(({ id }) => id.startsWith(name))
  const [only] = begun
  if (only !== undefined && begun.length === 1) return only
  if (only !== undefined) {
    throw new UsageError('PREDICTION_UNKNOWN', `${begun.length} predictions begin with ${name}, such as ${only.id}.`, {
      hint: 'Write more of the name; "tuner journal list" shows the names.',
    })
  }
  const near = nearestName(
    name,
    all.map(({ id }) => id),
  )
  throw new UsageError(
    'PREDICTION_UNKNOWN',
    `No prediction has the name ${name}.`,
    near === undefined ? {} : { hint: `Did you mean ${near}? "tuner journal list" shows the names.` },
  )
}
