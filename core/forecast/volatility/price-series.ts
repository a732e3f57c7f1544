import { dayMs } from '#core/base/time/units'

/** Prices on a regular grid; NaN where the venue has none. */
export interface PriceSeries {
  readonly startAtMs: number
  readonly stepSeconds: number
  readonly closes: Float64Array
}

/** Entry i is close[i] / close[i-1] - 1 in basis points, NaN when either is missing: no return crosses a gap. */
export function signedReturnsBps({ closes }: PriceSeries, until = closes.length): Float64Array {
  const returns = new Float64Array(Math.min(until, closes.length)).fill(Number.NaN)
  for (let i = 1; i < returns.length; i += 1) returns[i] = (closes[i]! / closes[i - 1]! - 1) * 1e4
  return returns
}

/** The middle of the move that ends at `step`: the ends are on borders between half-hours. */
export function moveAtMs(series: Pick<PriceSeries, 'startAtMs' | 'stepSeconds'>, step: number): number {
  return series.startAtMs + (step - 0.5) * series.stepSeconds * 1000
}

/** From the prices, not from a calendar: are there about as many prices at weekends as on other days? */
export function isOpenAtWeekends({ startAtMs, stepSeconds, closes }: PriceSeries): boolean {
  const points = { weekend: 0, all: closes.length }
  const prices = { weekend: 0, all: 0 }
  for (let i = 0; i < closes.length; i += 1) {
    // 1970-01-01 was a Thursday.
    const weekday = (Math.floor((startAtMs + i * stepSeconds * 1000) / dayMs) + 4) % 7
    const isWeekend = weekday === 0 || weekday === 6
    const isThere = !Number.isNaN(closes[i]!)
    if (isWeekend) points.weekend += 1
    if (isThere) prices.all += 1
    if (isWeekend && isThere) prices.weekend += 1
  }
  return prices.weekend * points.all >= 0.5 * points.weekend * prices.all
}
