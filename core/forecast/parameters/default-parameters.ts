import type { AssetParameters } from './asset-parameters.ts'
import { seedDefaults } from './seed-defaults.ts'

/** What holds for an asset until a change was approved: the numbers of the older miner behind the calibrated model. */
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
