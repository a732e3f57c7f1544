import type { BarSeries } from './bar-series.ts'

export interface CausalityCase {
  readonly series: readonly BarSeries[]
  /** Nothing that ends after this instant may change a number. */
  readonly knownUntilMs: number
  /** The numbers that are claimed to be known then. Anew for each call: nothing may be kept. */
  readonly compute: (series: readonly BarSeries[]) => ArrayLike<number>
}

export type CausalityAnswer =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly edit: string
      readonly index: number
      readonly before: number
      readonly after: number
    }

/**
 * Whether numbers depend on the past alone: the future is edited in several ways and cut off, and no bit may change. Open
 * bars are future too: they are not over.
 */
export function provesCausality({ series, knownUntilMs, compute }: CausalityCase): CausalityAnswer {
  const truth = Float64Array.from(compute(series))
  for (const [edit, change] of Object.entries(edits)) {
    const changed = Float64Array.from(compute(series.map((one) => withFuture(one, knownUntilMs, change))))
    const index =
      truth.length === changed.length ? truth.findIndex((value, i) => !Object.is(value, changed[i])) : truth.length
    if (index >= 0)
      return { ok: false, edit, index, before: truth[index] ?? Number.NaN, after: changed[index] ?? Number.NaN }
  }
  return { ok: true }
}

const edits: Readonly<Record<string, (value: number, i: number) => number>> = {
  'three times the price': (value) => 3 * value,
  'other moves': (value, i) => value * (i % 2 === 0 ? 1.01 : 0.98),
  'no bars': () => Number.NaN,
}

function withFuture(series: BarSeries, knownUntilMs: number, change: (value: number, i: number) => number): BarSeries {
  const until = Math.floor((knownUntilMs - series.firstOpenMs) / (series.stepSeconds * 1000))
  const edited = (column: Float64Array): Float64Array =>
    column.map((value, i) => (i < until ? value : change(value, i)))
  const { close, open, high, low, volume } = series
  return {
    ...series,
    ...{ close: edited(close), open: edited(open), high: edited(high), low: edited(low), volume: edited(volume) },
  }
}
