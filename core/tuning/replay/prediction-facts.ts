/**
 * What replay keeps of one prediction while its paths are in memory, in addition to the score. It is enough to say
 * later where the forecast was too wide or too narrow, by interval and by hour, without reading the paths again.
 */
export interface PredictionFacts {
  /** One per scored interval and hour of the horizon. */
  readonly cells: readonly FactCell[]
  /** Squared returns over volatility blocks, if the rules score them. */
  readonly volatilityBlocks: readonly BlockFact[]
}

export interface FactCell {
  /** The score's name for it, `5min`. */
  readonly interval: string
  /** Whole hours from the start to the increment's own start. */
  readonly hour: number
  /** Increments with a realised price at both ends. */
  readonly count: number
  readonly crpsSum: number
  /** Sum of squared realised increments, in squared basis points, and of the ensemble's variances. */
  readonly realSquares: number
  readonly forecastVariance: number
  /** The position of the realised increment among the paths' increments: twenty equal bins of probability. */
  readonly pit: readonly number[]
  /** How many were below and above the middle 95 % of the paths; not in rows of the first version. */
  readonly outer?: readonly [below: number, above: number]
}

export interface BlockFact {
  readonly block: string
  readonly pit: number
  readonly real: number
  readonly forecastMean: number
}

export const pitBins = 20
/** Of the middle 95 %, on either side. */
export const outerShare = 0.025
