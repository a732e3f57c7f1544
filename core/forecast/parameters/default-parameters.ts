import type { AssetParameters } from './asset-parameters.ts'
import { seedDefaults } from './seed-defaults.ts'

/** An asset's values until a change is approved: the numbers of the older miner behind the calibrated model. */
export function defaultParameters(asset: string): AssetParameters {
  const { lambda, degreesOfFreedom, dailyCap, shrinkHigh } = seedDefaults(asset)
  return {
    lambda,
    df: degreesOfFreedom,
    sigmaCapDaily: dailyCap,
    shrinkHigh,
    champion: { low: 'calibrated', high: 'calibrated' },
    blend: { low: { calibrated: 1 }, high: { calibrated: 1 } },
  }
}
