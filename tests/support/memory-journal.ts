import type { AppendOutcome, Journal } from '#core/forecast/journal/journal'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'

/** Keeps records in memory, or answers as the test wants. */
export class MemoryJournal implements Journal {
  readonly records: PredictionRecord[] = []
  outputs: string[] = []
  answer: (() => Promise<AppendOutcome>) | undefined

  async append(record: PredictionRecord, outputJson: Uint8Array): Promise<AppendOutcome> {
    this.records.push(record)
    this.outputs.push(new TextDecoder().decode(outputJson))
    return this.answer === undefined ? { kind: 'committed' } : this.answer()
  }
}
