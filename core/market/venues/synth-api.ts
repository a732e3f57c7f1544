import type { VenueFailure } from './venue.ts'

/** The subnet's public API as the project uses it: which prompts there were, the real prices, every miner's scores. */
export interface PromptKind {
  readonly asset: string
  readonly timeLengthSeconds: number
  readonly stepSeconds: number
}

export interface PublishedScore {
  readonly asset: string
  readonly minerUid: number
  /** -1: the miner gave no valid answer. */
  readonly crps: number
  readonly promptScore: number
  readonly scoredAtMs: number
  readonly timeLengthSeconds: number
}

export interface PublishedReward {
  readonly minerUid: number
  readonly smoothedScore: number
  readonly rewardWeight: number
  /** The competition's label, e.g. `Crypto 24h`. */
  readonly competitionLabel: string
  readonly updatedAtMs: number
}

export interface LeaderboardRow {
  readonly minerUid: number
  readonly rewards: number
  readonly updatedAtMs: number
}

export interface DailyPool {
  /** UTC day, `2026-09-01`. */
  readonly day: string
  readonly usd: number
}

export interface AnswerCheck {
  readonly isValid: boolean
  /** The validator's own sentence; empty when there is none. */
  readonly reason: string
  readonly responseSeconds: number | undefined
}

export interface PublishedRegistration {
  readonly minerUid: number
  readonly hotkey: string
  /** When the validator first saw this hotkey on this uid. */
  readonly createdAtMs: number
}

export interface Rows<T> {
  readonly ok: true
  readonly rows: readonly T[]
  /** Rows that did not have the documented shape. */
  readonly refusedRows: number
}

export interface RealisedPathFound {
  readonly ok: true
  /** The array that the score used; NaN where the validator had no price. */
  readonly prices: Float64Array
}

/** The published truth of a prompt, for prices that the venue no longer has. `noData`: the prompt was not scored. */
export interface RealisedPathArchive {
  fetchRealisedPath(
    prompt: PromptKind & { readonly startAtMs: number },
    signal?: AbortSignal,
  ): Promise<RealisedPathFound | VenueFailure>
}

export interface SynthApi extends RealisedPathArchive {
  fetchPromptStarts(
    query: PromptKind & { readonly fromMs: number; readonly toMs: number },
    signal?: AbortSignal,
  ): Promise<Rows<number> | VenueFailure>
  fetchLatestScores(query: PromptKind, signal?: AbortSignal): Promise<Rows<PublishedScore> | VenueFailure>
  fetchScores(
    query: PromptKind & { readonly fromMs: number; readonly toMs: number; readonly minerUid?: number },
    signal?: AbortSignal,
  ): Promise<Rows<PublishedScore> | VenueFailure>
  fetchRewards(
    query: { readonly competitionSlug: string; readonly fromMs: number; readonly toMs: number },
    signal?: AbortSignal,
  ): Promise<Rows<PublishedReward> | VenueFailure>
  fetchRegistrations(
    query: { readonly fromMs: number; readonly toMs: number },
    signal?: AbortSignal,
  ): Promise<Rows<PublishedRegistration> | VenueFailure>
  fetchLeaderboard(
    board: 'leaderboard' | 'meta-leaderboard',
    signal?: AbortSignal,
  ): Promise<Rows<LeaderboardRow> | VenueFailure>
  fetchDailyPools(
    query: { readonly fromMs: number; readonly toMs: number },
    signal?: AbortSignal,
  ): Promise<Rows<DailyPool> | VenueFailure>
  /** How the validator judged the last answer of a miner. */
  fetchAnswerCheck(
    minerUid: number,
    signal?: AbortSignal,
  ): Promise<({ readonly ok: true } & AnswerCheck) | VenueFailure>
}
