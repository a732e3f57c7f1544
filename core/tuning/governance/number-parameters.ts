import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'

export interface Limits {
  readonly min: number
  readonly max: number
  /** Largest difference of one change. */
  readonly step: number
}

interface NumberParameter {
  /** Its place among the parameters of an asset. */
  readonly field: keyof AssetParameters & ('lambda' | 'df' | 'sigmaCapDaily' | 'shrinkHigh')
  /** The value is between these two, whatever bounds are set: beyond them the models have no meaning. */
  readonly above: number
  readonly below: number
  /** Bounds of a change, unless the operator sets others. */
  readonly limits: Limits
}

const unbounded = Number.POSITIVE_INFINITY

/** The numbers that a proposal or the name of a model may set, by the words that a person types. */
export const numberParameters = {
  lambda: { field: 'lambda', above: 0, below: 1, limits: { min: 0.8, max: 0.99, step: 0.01 } },
  // At 2 degrees of freedom and below there is no variance.
  df: { field: 'df', above: 2, below: unbounded, limits: { min: 3, max: 50, step: 1 } },
  sigma_cap_daily: {
    ...{ field: 'sigmaCapDaily', above: 0, below: unbounded },
    limits: { min: 0.01, max: 0.2, step: 0.01 },
  },
  // Not 0: prices that never move are not a forecast.
  shrink_high: { field: 'shrinkHigh', above: 0, below: unbounded, limits: { min: 0.1, max: 100, step: 0.1 } },
} as const satisfies Readonly<Record<string, NumberParameter>>

export type NumberName = keyof typeof numberParameters

export const numberNames = Object.keys(numberParameters) as NumberName[]

/** False for what is no number at all. */
export function hasMeaning(name: NumberName, value: number): boolean {
  const { above, below } = numberParameters[name]
  return value > above && value < below
}

export function readNumber(parameters: AssetParameters, name: NumberName): number {
  return parameters[numberParameters[name].field]
}

export function withNumber(parameters: AssetParameters, name: NumberName, value: number): AssetParameters {
  return { ...parameters, [numberParameters[name].field]: value }
}
