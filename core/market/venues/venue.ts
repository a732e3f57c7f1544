/** Every source of prices. Config, records and metrics use this id. */
export const venueIds = [
  'pythHermes',
  'pythBenchmarks',
  'pythPro',
  'binanceSpot',
  'hyperliquidSpot',
  'hyperliquidPerp',
  'synthApi',
  'coingecko',
  'files',
] as const

export type VenueId = (typeof venueIds)[number]

/** One price series of one venue; symbols are the venue's own (`BTCUSDT`, `@107`, `xyz:GOLD`, `Crypto.BTC/USD`, a feed id). */
export interface VenueSymbol {
  readonly venue: VenueId
  readonly symbol: string
}

/** Why a venue gave no answer. Values, not throws: an outage is an expected result. */
export const venueFailureReasons = [
  'unreachable',
  'timeout',
  'rateLimited',
  'unauthorized',
  'geoBlocked',
  'serverError',
  'rejected',
  'redirected',
  'tooLarge',
  'malformed',
  'wrongFeed',
  'invalidPrice',
  'unknownSymbol',
  'noData',
  'cancelled',
] as const

export type VenueFailureReason = (typeof venueFailureReasons)[number]

/** Not about what was asked: another question to the same venue would fail in the same way. */
export const venueWideFailures = [
  'unreachable',
  'timeout',
  'rateLimited',
  'unauthorized',
  'geoBlocked',
  'serverError',
  'redirected',
] as const satisfies readonly VenueFailureReason[]

/** No further try helps: the setup or the rules must change first. */
export const permanentFailures = [
  'unknownSymbol',
  'unauthorized',
  'geoBlocked',
] as const satisfies readonly VenueFailureReason[]

export interface VenueFailure {
  readonly ok: false
  readonly reason: VenueFailureReason
  /** One sentence for people: which host, and what it answered. */
  readonly message: string
  /** How long the venue asked us to wait (Retry-After, at most 60 s). */
  readonly retryAfterMs?: number
}

export function venueFailure(reason: VenueFailureReason, message: string, retryAfterMs?: number): VenueFailure {
  return { ok: false, reason, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
}
