/**
 * The subnet's rules as data. A regime is one immutable record; named behaviours select code, numbers are data.
 * Structure and dates: the regimes in ./table/, resolved by ./resolve.ts.
 */
export type Certainty = 'exact' | 'day' | 'estimated'

/** An instant in UTC at which a rule begins to hold; when it is not exactly known, between which bounds it lies. */
export interface EffectiveInstant {
  readonly at: string
  readonly certainty: Certainty
  readonly earliest?: string
  readonly latest?: string
}

export interface ScoringInterval {
  /** The suffix of the name is meaning: `_abs` compares prices, `_gaps` only the first change. */
  readonly name: string
  readonly seconds: number
}

export interface VolatilityBlock {
  readonly name: string
  readonly seconds: number
  /** Weight as a fraction, so that the bits of the product are the validator's. */
  readonly weightNumerator: number
  readonly weightDenominator: number
}

/** `ordinary` until 2026-03-11: a suffix bug made gap intervals count as ordinary non-overlapping changes. */
export type GapMode = 'ordinary' | 'firstChange'
export type AnswerDigitRule = 'chars8' | 'sigDigits8'
export type AnswerCheckOrder = 'pathByPath' | 'shapesFirst'
export type ClipRule =
  | { readonly kind: 'p90' }
  | { readonly kind: 'none' }
  | { readonly kind: 'medianMultiple'; readonly multiple: number }
export type FillRule = 'p90' | 'p95' | 'p95Unclipped'
export type TotalScore = 'price' | 'pricePlusVol'
export type NonFiniteRule = 'nanOnly' | 'all'
export type StorageRounding = 'float64' | 'float32'
