/**
 * The subnet's rules as data. A regime is one immutable record; names of behaviours select code, numbers are data.
 * Structure and dates: the regimes in ./table/, resolved by ./resolve.ts.
 */
export type Certainty = 'exact' | 'day' | 'estimated'

/**
 * The instant in UTC at which a rule becomes effective, and its bounds if it is not exactly known. `exact`: no bounds.
 * `day`: `at` is the first instant of the day, and the bounds are that day. `estimated`: `earliest` is given; without
 * `latest` the rule has not been seen yet.
 */
export interface EffectiveInstant {
  readonly at: string
  readonly certainty: Certainty
  readonly earliest?: string
  readonly latest?: string
}

/** The steps of a prediction, in the order of its life. */
export type RegimeStep = 'prompt' | 'answer' | 'score' | 'average'

/**
 * One instant for each step that a rule can decide. If one is absent, the regime changes nothing for that step, and the
 * previous rules stay effective.
 */
export interface EffectiveFrom {
  /** Which prompts exist, how often, and how much time there is to answer. Decided by the time of the answer. */
  readonly promptFrom?: EffectiveInstant
  /** Which answers are valid, and how they are stored. Decided by the time of the answer. */
  readonly answerFrom?: EffectiveInstant
  /** The score of an answer, the scores of a prompt, the realised path. Decided by the time of the scoring. */
  readonly scoreFrom?: EffectiveInstant
  /** Averages and weights. Decided by the time of the weight update. */
  readonly averageFrom?: EffectiveInstant
}

/** A value that the validator had and that we could not find. It is never guessed: code that needs it must say so. */
export type Unknown = 'unknown'

/** What is unknown or only assumed about a regime: `path` names the field. */
export interface RuleGap {
  readonly path: string
  readonly kind: 'unknown' | 'assumed'
  readonly note: string
}

export interface RegimeSource {
  readonly repository: string
  /** A release, a pull request, or how we know it without either. */
  readonly evidence: string
  readonly commits: readonly string[]
}

export interface Fraction {
  readonly numerator: number
  readonly denominator: number
}

export interface ScoringInterval {
  /** The suffix of the name has a meaning: `_abs` compares prices, `_gaps` uses only the first change. */
  readonly name: string
  readonly seconds: number
}

export interface VolatilityBlock {
  readonly name: string
  readonly seconds: number
  /** Weight as a fraction, so that the product has the validator's bits. */
  readonly weightNumerator: number
  readonly weightDenominator: number
}

/** `ordinary` until 2026-03-11: a suffix bug made gap intervals count as ordinary non-overlapping changes. */
export type GapMode = 'ordinary' | 'firstChange'
export type AnswerDigitRule = 'chars8' | 'sigDigits8'
export type AnswerCheckOrder = 'pathByPath' | 'shapesFirst'
/** `rejectedAfterStart`: an answer received later than the prompt's start failed the check (until 2026-01-20). */
export type AnswerLateness = 'rejectedAfterStart' | 'notChecked'
export type ClipRule =
  | { readonly kind: 'p90' }
  | { readonly kind: 'none' }
  | { readonly kind: 'medianMultiple'; readonly multiple: number }
export type FillRule = 'p90' | 'p95' | 'p95Unclipped'
export type TotalRule = 'price' | 'pricePlusVol'
export type NonFiniteRule = 'nanOnly' | 'all'
export type StorageRounding = 'float64' | 'float32'

export interface PromptScoreRule {
  readonly clip: ClipRule
  readonly fill: FillRule
}

/** How a prompt finds its competition: no field on the wire says it. */
export type RouteRule = 'byLength' | 'byLengthAndAsset'

export interface Competition {
  /** Our key, stable within a regime; the public API's name where it has one. */
  readonly key: string
  readonly label: string
  /** The public API's name; null if it has none. */
  readonly slug: string | null
  readonly assets: readonly string[]
  readonly timeLengthSeconds: number
  readonly timeIncrementSeconds: number
  /** In the validator's order, which is the order of summation. */
  readonly intervals: readonly ScoringInterval[]
  readonly volatilityBlocks: readonly VolatilityBlock[]
  readonly windowDays: number
  readonly beta: number
  readonly coefficient: Fraction
}

/** One of the validator's processes: at every interval it asks for the next of its assets. */
export interface PromptLane {
  readonly assets: readonly string[]
  /** Minutes between two requests of this lane; a range if only bounds are known. */
  readonly intervalMinutes: number | { readonly min: number; readonly max: number }
  /** It asks when minutes since the epoch modulo the interval equal this; null: relative to its previous cycle. */
  readonly offsetMinutes: number | null
}

/** Which prompts are scored: of those in one (asset, bucket) only one is kept; the others are deleted. */
export interface ThinningRule {
  readonly afterMinutes: number
  readonly bucketSeconds: number
  readonly keeper: 'minId' | 'saltedHash'
}

export interface PromptProfile {
  readonly label: string
  /** In cycle order. */
  readonly assets: readonly string[]
  readonly timeLengthSeconds: number
  readonly timeIncrementSeconds: number
  readonly pathCount: number
  /** Start time = next whole minute + this. */
  readonly extraSeconds: number
  /**
   * Usual time from the request to the end of the answer's download; always between `extraSeconds` and a minute more.
   * Null while requests did not leave at whole minutes.
   */
  readonly usualAnswerSeconds: number | null
  /** The value that the operators of the subnet recommend; null if there is none. */
  readonly advisedAnswerSeconds: number | null
  readonly lanes: readonly PromptLane[]
  readonly thinning: ThinningRule | null
  /** Light mode only; null before light mode existed. */
  readonly retentionDays: number | null
}

export type PriceVenue = 'pythBenchmarks' | 'pythPro' | 'binanceSpot' | 'hyperliquidSpot' | 'hyperliquidPerp'
export type PriceEndpoint = 'tradingViewHistory' | 'klines' | 'candleSnapshot'

export interface PriceSource {
  readonly venue: PriceVenue
  readonly symbol: string
  readonly endpoint: PriceEndpoint
  /** Venues that a validator may use instead, with the same symbol. */
  readonly alternatives: readonly PriceVenue[]
  /** Kept only for prompts that start before this. */
  readonly until: EffectiveInstant | null
}

/** When the realised path may be read, and which of its points are required. */
export interface Settlement {
  /** Due when start + length + this is before the time of scoring. */
  readonly gateSeconds: number
  /** The query extends this far past the end; the rows must contain a candle later than the end. */
  readonly witnessSeconds: number | null
  /**
   * `exact`: the candle of exactly the grid second, or NaN. `packed` (until 2025-11-19): the existing candles of the
   * grid one after the other, so the values after a missing one move forward and the end of the path is NaN.
   */
  readonly grid: 'exact' | 'packed'
  /** `required`: a path without its last price is not scored at all. */
  readonly lastPrice: 'required' | 'optional'
}

export interface AverageRule {
  /**
   * An update at u counts rows with u - window < scored time <= u; the newest of them are not scored yet. If this is
   * above 0, a replay that has all rows counts scored time < u - this instead.
   */
  readonly newestRowLagSeconds: number
  /** The percentile that fills a late joiner's missing rows. */
  readonly percentileField: 'percentile90' | 'percentile95'
  /** If prompts share a scored time, the pair (worst score, asset) is that of the first row saved. */
  readonly tieRule: 'firstRow'
}

export interface AssetCoefficients {
  readonly byAsset: Readonly<Record<string, number | Unknown>>
  readonly otherAssets: number
}

/** A competition that is scored elsewhere and that the validator blends into the weights. */
export interface ExternalCompetition {
  readonly key: string
  readonly label: string
  readonly assets: readonly string[]
  readonly timeLengthSeconds: number
  readonly timeIncrementSeconds: number
  readonly windowDays: number
  readonly beta: number
  readonly coefficient: Fraction
  readonly minParticipants: number | null
  readonly maxParticipants: number | null
  /** Scores are relative to each prompt's best, so 0 is the winner; early versions did not mention this. */
  readonly zeroScore: 'winner' | 'dropped'
  /** `skip`: if two or more participants have one identical score, it is a placeholder, and the blend is skipped. */
  readonly degenerate: 'skip' | 'keep'
  /** `validatorSetting`: off unless the validator names the scorer's address. */
  readonly activation: 'validatorSetting'
}

/** `equalToSum`: the owner's uid receives as much as all miners together. */
export type OwnerShare = 'equalToSum' | 'none'

/** What the subnet's own miner ships with; an operator's settings win. */
export interface AccessDefaults {
  /** In the metagraph's unit; a caller with this stake or less is refused. */
  readonly minValidatorStake: number
  readonly permit: 'required' | 'optional'
  readonly signature: 'required' | 'optional'
  /** Published by the subnet's operators. They become outdated; the metagraph decides. */
  readonly validatorAddresses: readonly string[]
}

/** Rows that the validator keeps beside a score; the score itself does not depend on it. */
export type DetailRows = 'increments' | 'totals' | 'totalsGapsFolded'

export interface StorageRule {
  readonly rounding: StorageRounding
  /** What another validator's backend may do instead. */
  readonly alternatives: readonly StorageRounding[]
}

/** All rules that are effective together; one of the four instants decides each field (see ./resolve.ts). */
export interface RegimeRules {
  readonly route: RouteRule
  /** In the order in which the validator evaluates and adds them. */
  readonly competitions: readonly Competition[]
  readonly promptProfiles: readonly PromptProfile[]
  readonly access: AccessDefaults
  readonly answerRule: AnswerDigitRule
  readonly answerOrder: AnswerCheckOrder
  readonly answerLateness: AnswerLateness
  readonly storage: StorageRule
  readonly gapMode: GapMode
  readonly totalScore: TotalRule
  readonly nonFinite: NonFiniteRule
  readonly detailRows: DetailRows
  readonly promptScore: PromptScoreRule
  readonly settlement: Settlement
  readonly priceSources: Readonly<Record<string, PriceSource>>
  readonly assetCoefficients: AssetCoefficients
  readonly average: AverageRule
  readonly external: readonly ExternalCompetition[]
  readonly owner: OwnerShare
}

export interface Regime extends RegimeRules {
  readonly id: string
  /** Other names: dates that people use for it. */
  readonly aliases: readonly string[]
  /** `amended`: a built-in regime that the operator's file corrects. */
  readonly origin: 'builtIn' | 'amended' | 'operator'
  readonly extends: string | null
  /** One line: what differs from the regime it extends. */
  readonly summary: string
  readonly source: RegimeSource
  readonly effective: EffectiveFrom
  /** Of this regime and of those it extends, unless it settles them. */
  readonly gaps: readonly RuleGap[]
}
