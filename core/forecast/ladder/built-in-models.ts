import type { Horizon } from '#core/synth/prompts/horizon'
import { CalibratedModel } from '../models/calibrated.ts'
import type { CalibratedMemory } from '../models/calibrated-memory.ts'
import { EwmaModel } from '../models/ewma.ts'
import type { EwmaState } from '../models/ewma-state.ts'
import { LastSigmaModel } from '../models/last-sigma.ts'
import type { SingleModel } from '../models/model-names.ts'
import { ReferenceModel } from '../models/reference.ts'
import { SeedModel, seedHasFlatFirstPath } from '../models/seed.ts'
import type { VolatilityModel } from '../models/volatility-model.ts'
import type { AssetParameters } from '../parameters/asset-parameters.ts'
import type { ShelvedModel } from './forecast-model.ts'

/** What the models read each time they are asked: state and parameters at that moment. */
export interface BuiltInSources {
  readonly readEwma: (asset: string) => EwmaState | undefined
  readonly readMemory: (asset: string, horizon: Horizon) => CalibratedMemory | undefined
  readonly parametersOf: (asset: string) => AssetParameters
  /** What is typical for an asset of which no minute was ever seen. */
  readonly hourlySdOf: (asset: string) => number | undefined
}

/** It answers at once. */
export interface BuiltInModel extends ShelvedModel {
  readonly model: VolatilityModel
}

/** The models of every release by name. The miner serves them, and a replay asks the very same ones again. */
export function createBuiltInModels(sources: BuiltInSources): ReadonlyMap<string, BuiltInModel> {
  const { readEwma, readMemory, parametersOf, hourlySdOf } = sources
  const versionOf = () => 'built-in'
  const models: Readonly<Record<SingleModel, BuiltInModel>> = {
    calibrated: {
      model: new CalibratedModel(readMemory, (asset, horizon) => parametersOf(asset).calibrated?.[horizon]),
      versionOf: (asset, horizon) => readMemory(asset, horizon)?.parametersHash ?? 'none',
    },
    ewma: { model: new EwmaModel(readEwma, parametersOf), versionOf },
    seed: {
      model: new SeedModel(readEwma, undefined, parametersOf),
      versionOf,
      hasFlatFirstPath: seedHasFlatFirstPath,
    },
    reference: { model: new ReferenceModel(), versionOf },
    lastSigma: { model: new LastSigmaModel(readEwma, hourlySdOf), versionOf },
  }
  return new Map(Object.entries(models))
}
