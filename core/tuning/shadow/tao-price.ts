import { dayMs, minuteMs } from '#core/base/time/units'
import { type MinuteHistory, orderMinutes } from '#core/market/venues/minute-history'

export interface TaoPrices {
  /** By UTC day: the last close of the day, of today the newest. */
  readonly usdByDay: ReadonlyMap<string, number>
  /** Why the price of a day is not known; undefined: all are. */
  readonly problem: string | undefined
}

/** A dollar coin counts as a dollar: it is what the price of TAO is quoted in. */
export const taoSymbol = 'TAOUSDT'
/** A minute without a trade still has a candle; a few are asked for a venue that was down. */
const reachMs = 10 * minuteMs

/** One small request a day, and none after a failure: the venue would say the same again. */
export async function fetchTaoPrices(
  history: Pick<MinuteHistory, 'fetchMinutes'>,
  days: readonly string[],
  nowMs: number,
  signal?: AbortSignal,
): Promise<TaoPrices> {
  const usdByDay = new Map<string, number>()
  for (const day of days) {
    const endMs = Math.min(Date.parse(`${day}T00:00:00Z`) + dayMs, Math.floor(nowMs / minuteMs) * minuteMs)
    const range = { symbol: taoSymbol, fromMs: endMs - reachMs, toMs: endMs - minuteMs }
    const answer = await history.fetchMinutes(range, signal)
    if (!answer.ok) return { usdByDay, problem: answer.message }
    const inRange = answer.minutes.filter(({ openAtMs }) => openAtMs >= range.fromMs && openAtMs <= range.toMs)
    const last = orderMinutes(inRange).at(-1)
    if (last === undefined) return { usdByDay, problem: `the venue has no minute of ${taoSymbol} at the end of ${day}` }
    usdByDay.set(day, last.close)
  }
  return { usdByDay, problem: undefined }
}
