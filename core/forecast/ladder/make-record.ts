import type { Prompt } from '#core/synth/prompts/prompt'
import { predictionId } from '../journal/prediction-id.ts'
import type { PredictionRecord } from '../journal/prediction-record.ts'
import type { StageMs } from '../journal/rung.ts'
import { hashParameters } from '../parameters/parameters-hash.ts'
import type { LadderAnswer } from './ladder.ts'

export interface RecordFacts {
  readonly prompt: Prompt
  readonly receivedAtMs: number
  readonly madeAtMs: number
  readonly price: PredictionRecord['price']
  readonly stageMs: StageMs
}

/** All that was served and why; the journal's own rule says whether and for which reason it is kept. */
export function makeRecord(
  { ensemble, recipe, rung, model, isDegraded }: LadderAnswer,
  { prompt, receivedAtMs, madeAtMs, price, stageMs }: RecordFacts,
  hashText: (text: string) => string,
): PredictionRecord {
  const { outputHash } = ensemble
  return {
    id: predictionId(prompt, outputHash),
    prompt,
    receivedAtMs,
    madeAtMs,
    reason: 'all',
    rung,
    model: { ...model, parametersHash: hashParameters(model.parameters, hashText) },
    isDegraded,
    price,
    recipe,
    outputHash,
    stageMs,
  }
}
