import type { Horizon } from '#core/synth/prompts/horizon'
import { blendAnswers } from '../models/blend.ts'
import { blendName } from '../models/model-names.ts'
import type { ModelAnswer } from '../models/volatility-model.ts'
import type { AssetParameters } from '../parameters/asset-parameters.ts'
import type { ForecastModel, ShelvedModel } from './forecast-model.ts'

/** All models by the names that parameters use (../models/model-names.ts). */
export class ModelShelf {
  readonly #find: (name: string) => ShelvedModel | undefined

  /** Looked up each time: model files come and go while the miner runs. */
  constructor(find: (name: string) => ShelvedModel | undefined) {
    this.#find = find
  }

  take(name: string, parameters: AssetParameters, horizon: Horizon): ShelvedModel | undefined {
    return name === blendName ? this.#blend(parameters.blend[horizon]) : this.#find(name)
  }

  #blend(weights: Readonly<Record<string, number>>): ShelvedModel {
    const members = Object.entries(weights)
      .filter(([name, weight]) => weight > 0 && name !== blendName)
      .map(([name, weight]) => ({ name, weight, shelved: this.#find(name) }))
    const model: ForecastModel = {
      name: blendName,
      forecast: async (question) =>
        blendAnswers(
          await Promise.all(
            members.map(async ({ name, weight, shelved }) => ({
              name,
              share: weight,
              answer: await answerOf(name, async () => shelved?.model.forecast(question)),
            })),
          ),
        ),
    }
    const versionOf = (asset: string, horizon: Horizon): string =>
      members.map(({ name, shelved }) => `${name}@${shelved?.versionOf(asset, horizon) ?? 'missing'}`).join('+')
    return { model, versionOf }
  }
}

/** If a member throws or is missing, the others share its weight. */
async function answerOf(name: string, ask: () => Promise<ModelAnswer | undefined>): Promise<ModelAnswer> {
  try {
    return (await ask()) ?? { ok: false, reason: `there is no model ${name}` }
  } catch (error) {
    return { ok: false, reason: `threw ${String(error)}` }
  }
}
