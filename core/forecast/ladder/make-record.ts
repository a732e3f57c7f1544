import type { Prompt } from '#core/synth/prompts/prompt'
import type { ServedPrediction } from '../journal/prediction-record.ts'
import type { StageMs } from '../journal/rung.ts'
import { hashParameters } from '../parameters/parameters-hash.ts'
import type { LadderAnswer } from './ladder.ts'

export interface RecordFacts {
  readonly prompt: Prompt
  readonly receivedAtMs: number
  readonly madeAtMs: number
  readonly price: ServedPrediction['price']
  readonly stageMs: StageMs
}

/** All that was served. The journal adds the id, and the reason why it is kept. */
export function makeRecord(
  { ensemble, recipe, rung, model, isDegraded }: LadderAnswer,
  { prompt, receivedAtMs, madeAtMs, price, stageMs }: RecordFacts,
  hashText: (text: string) => string,
): ServedPrediction {
  return {
    prompt,
    receivedAtMs,
    madeAtMs,
    rung,
    model: { ...model, parametersHash: hashParameters(model.parameters, hashText) },
    isDegraded,
    price,
    recipe,
    outputHash: ensemble.outputHash,
    stageMs,
  }
}
