import type { PredictionFacts } from './prediction-facts.ts'

/** What was scored: the served paths, or those of the named model for the same prompt. */
export const servedModel = 'served'

/** One prediction under one set of rules. Scoring it again gives the same result, except for the time. */
export interface PredictionScore {
  readonly predictionId: string
  /** The regime's id. */
  readonly regime: string
  /** `served`, or the written form of a model (model-spec.ts). */
  readonly model: string
  readonly asset: string
  readonly startAtMs: number
  readonly timeLengthSeconds: number
  /** The competition's key; empty if the rules do not score the prompt. */
  readonly competition: string
  readonly outcome: ScoreOutcome
  readonly scoredAtMs: number
}

export type ScoreOutcome =
  | {
      readonly kind: 'scored'
      readonly total: number
      readonly pricePart: number
      /** Null under rules without the term. */
      readonly volatilityPart: number | null
      readonly rows: ScoreRows
      readonly facts: PredictionFacts
    }
  /** It was tried, and there is no number. */
  | { readonly kind: 'problem'; readonly problem: ScoreProblem; readonly detail: string }

export interface ScoreRows {
  /** Interval and its part of the price term. */
  readonly price: readonly (readonly [interval: string, crps: number])[]
  /** Block, its CRPS before the weight, the weight. */
  readonly volatility: readonly (readonly [block: string, crps: number, weight: number])[]
}

/** Why a final prediction has no score, and the sentence for it. */
export const scoreProblems = {
  pathsMissing: 'the journal no longer has the paths',
  hashDiffers: 'the stored paths differ from those that were served: their hash is another one',
  otherSampler: 'only another release can make the paths again',
  unreadable: 'the stored paths cannot be read',
  zeroPrice: 'a simulated price is 0',
  notFinite: 'the score is not a finite number',
  notScorable: 'paths and real prices do not match',
  notAsked: 'the rules of that date do not score this asset and length',
  notScored: 'the rules of that date name no price source for the asset',
  lastMissing: 'the venue has no price at the end: the validator scores nobody',
  notSettled: 'no candle after the end proves the last one: the validator scores nobody',
  forgotten: 'the venue no longer has these minutes, and they are not recorded',
  refusedRows: 'the venue gave impossible prices',
  noForecast: 'the model gave no forecast: minutes before the prompt are missing, or it is not made for this prompt',
} as const satisfies Record<string, string>

export type ScoreProblem = keyof typeof scoreProblems
