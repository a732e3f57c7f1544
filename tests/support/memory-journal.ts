import type { Appending, AppendOutcome, Journal } from '#core/forecast/journal/journal'
import { predictionId } from '#core/forecast/journal/prediction-id'
import type { PredictionRecord, ServedPrediction } from '#core/forecast/journal/prediction-record'

/** Keeps records in memory, or answers as the test wants. */
export class MemoryJournal implements Journal {
  readonly records: PredictionRecord[] = []
  outputs: string[] = []
  answer: (() => Promise<AppendOutcome>) | undefined

  append(served: ServedPrediction, outputJson: Uint8Array): Appending {
    const id = predictionId(served.prompt, served.outputHash)
    this.records.push({ ...served, id, reason: 'all' })
    this.outputs.push(new TextDecoder().decode(outputJson))
    return { id, outcome: this.answer === undefined ? Promise.resolve({ kind: 'committed' }) : this.answer() }
  }
}
