/** The numbers of the older EWMA/Student-t miner, asset by asset, exactly as it shipped them. */
export interface SeedAsset {
  readonly lambda: number
  readonly degreesOfFreedom: number
  /** Largest standard deviation of a day. */
  readonly dailyCap: number
  /** Factor on the standard deviation of hour-long prompts. */
  readonly shrinkHigh: number
  /** Variance of a minute before any close was read. */
  readonly startVariance: number
  /** Minutes before now that a cold start reads; 0: none. */
  readonly bootstrapMinutes: number
  readonly isEquity: boolean
}

/** The older miner's floor for the variance of a minute: 1 bp for every asset. `varianceFloor` has one for each. */
export const seedVarianceFloor = 1e-8

const otherwise: SeedAsset = {
  lambda: 0.95,
  degreesOfFreedom: 5,
  dailyCap: 0.1,
  shrinkHigh: 1,
  startVariance: 1e-6,
  bootstrapMinutes: 360,
  isEquity: false,
}
const equity: SeedAsset = { ...otherwise, bootstrapMinutes: 0, isEquity: true }

const indexFund: SeedAsset = { ...equity, lambda: 0.98, degreesOfFreedom: 30, dailyCap: 0.02 }

const known: Readonly<Record<string, SeedAsset>> = {
  BTC: { ...otherwise, lambda: 0.94, shrinkHigh: 0.9, startVariance: 5e-6 },
  ETH: { ...otherwise, lambda: 0.93, dailyCap: 0.12, shrinkHigh: 0.9, startVariance: 8e-6 },
  SOL: {
    ...otherwise,
    lambda: 0.9,
    degreesOfFreedom: 4,
    dailyCap: 0.18,
    shrinkHigh: 0.9,
    startVariance: 12e-6,
  },
  XAU: {
    ...otherwise,
    lambda: 0.97,
    degreesOfFreedom: 10,
    dailyCap: 0.03,
    shrinkHigh: 0.95,
    startVariance: 2e-6,
    bootstrapMinutes: 720,
  },
  SPYX: indexFund,
  // The same index under another name: the network asks for it in SPYX's place.
  SP500: indexFund,
  NVDAX: { ...equity, lambda: 0.97, degreesOfFreedom: 20, dailyCap: 0.04 },
  TSLAX: { ...equity, lambda: 0.97, degreesOfFreedom: 20, dailyCap: 0.05 },
  AAPLX: { ...equity, lambda: 0.98, degreesOfFreedom: 30, dailyCap: 0.02 },
  GOOGLX: { ...equity, lambda: 0.98, degreesOfFreedom: 30, dailyCap: 0.02 },
}

export function seedDefaults(asset: string): SeedAsset {
  return known[asset] ?? otherwise
}
