import type { PredictionRecord } from '#core/forecast/journal/prediction-record'
import { formatInstant } from '#core/synth/regimes/instant'

/** What was asked and who answered: the same fields in a list and of one prediction. */
export function answeredToJson({ id, prompt, model, rung, reason, isDegraded }: PredictionRecord) {
  const { asset, startAtSeconds, lengthSeconds, stepSeconds, pathCount } = prompt
  return {
    ...{ id, asset, start: formatInstant(startAtSeconds * 1000), lengthSeconds, stepSeconds, pathCount },
    ...{ model: model.name, modelVersion: model.version, rung, reason, isDegraded },
  }
}
