import type { Horizon } from '#core/synth/prompts/horizon'
import { blendName } from '../models/model-names.ts'
import type { AssetParameters } from '../parameters/asset-parameters.ts'

/** The model itself; of a blend, those that have a share of it. */
export function askedModels(name: string, { blend }: AssetParameters, horizon: Horizon): readonly string[] {
  if (name !== blendName) return [name]
  return Object.keys(blend[horizon]).filter((member) => (blend[horizon][member] ?? 0) > 0)
}
