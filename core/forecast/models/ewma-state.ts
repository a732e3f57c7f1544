import { minuteMs } from '#core/base/time/units'

/**
 * The exponentially weighted variance of a minute, with exact decay over gaps: after n minutes the past has weight
 * lambda^n, and the return over them counts as n minutes of equal variance. For one minute this is the usual rule.
 */
export interface EwmaState {
  readonly version: typeof ewmaStateVersion
  readonly asset: string
  /** Of a minute's log-return. */
  readonly variance: number
  readonly lastClose: number
  readonly lastCloseAtMs: number
  readonly lambda: number
  /** The variance is a default: too few minutes were recorded. */
  readonly isDegraded: boolean
}

export const ewmaStateVersion = 1

export function advanceEwma(state: EwmaState, close: number, closeAtMs: number, floor: number): EwmaState {
  const minutes = (closeAtMs - state.lastCloseAtMs) / minuteMs
  // An old close says nothing new, and a move within half a minute is mostly the bounce between bid and ask.
  if (!(close > 0 && Number.isFinite(close)) || !(minutes >= 0.5)) return state
  const kept = state.lambda ** minutes
  const change = Math.log(close / state.lastClose)
  const variance = Math.max(kept * state.variance + (1 - kept) * (change ** 2 / minutes), floor)
  // Written out: a spread costs ten times as much, and replays of months run through here.
  const { version, asset, lambda, isDegraded } = state
  return { version, asset, variance, lastClose: close, lastCloseAtMs: closeAtMs, lambda, isDegraded }
}

export interface ClosePoint {
  readonly close: number
  readonly atMs: number
}

export interface EwmaStart {
  readonly asset: string
  readonly lambda: number
  readonly defaultVariance: number
  readonly floor: number
}

/** Fewer returns than this are not an estimate. */
const leastReturns = 30

/**
 * From the closes of the last hours (ascending): the mean squared return of a minute; the default when there are none.
 */
export function bootstrapEwma(start: EwmaStart, closes: readonly ClosePoint[]): EwmaState | undefined {
  const last = closes.at(-1)
  if (last === undefined) return undefined
  let sum = 0
  let minutes = 0
  for (let i = 1; i < closes.length; i += 1) {
    sum += Math.log(closes[i]!.close / closes[i - 1]!.close) ** 2
    minutes += (closes[i]!.atMs - closes[i - 1]!.atMs) / minuteMs
  }
  const isDegraded = closes.length <= leastReturns
  return {
    version: ewmaStateVersion,
    asset: start.asset,
    variance: Math.max(isDegraded ? start.defaultVariance : sum / minutes, start.floor),
    lastClose: last.close,
    lastCloseAtMs: last.atMs,
    lambda: start.lambda,
    isDegraded,
  }
}

/** A tuned lambda is used from the next minute on; the present variance stays. */
export function withLambda(state: EwmaState, lambda: number): EwmaState {
  return { ...state, lambda }
}
