import type { Horizon } from '#core/synth/prompts/horizon'
import type { AssetParameters } from '../parameters/asset-parameters.ts'
import { CalibratedModel } from './calibrated.ts'
import type { CalibratedMemory } from './calibrated-memory.ts'
import { EwmaModel } from './ewma.ts'
import type { EwmaState } from './ewma-state.ts'
import type { SingleReplayModel } from './model-names.ts'
import { ReferenceModel } from './reference.ts'
import { SeedModel } from './seed.ts'
import type { VolatilityModel } from './volatility-model.ts'

/** All that the models read: what is remembered of each asset, and the numbers in force. */
export interface ModelMemory {
  readonly readEwma: (asset: string) => EwmaState | undefined
  readonly readMemory: (asset: string, horizon: Horizon) => CalibratedMemory | undefined
  readonly parametersOf: (asset: string) => AssetParameters
}

/** The miner answers with the very models that the replay forecasts again with. */
export function createReplayModels({
  readEwma,
  readMemory,
  parametersOf,
}: ModelMemory): Readonly<Record<SingleReplayModel, VolatilityModel>> {
  return {
    calibrated: new CalibratedModel(readMemory),
    ewma: new EwmaModel(readEwma, parametersOf),
    seed: new SeedModel(readEwma),
    reference: new ReferenceModel(),
  }
}
