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

/** The middle of the move that ends at `step`: the ends lie on borders between half-hours. */
export function moveAtMs(series: Pick<PriceSeries, 'startAtMs' | 'stepSeconds'>, step: number): number {
  return series.startAtMs + (step - 0.5) * series.stepSeconds * 1000
}
