import { type BarSeries, barColumns, stepMsOf } from './bar-series.ts'
import { type DataWindow, inputBars, targetBars, type WindowShape } from './windows.ts'

/** SHA-256 in hex. */
export type HashBytes = (bytes: Uint8Array) => string

const hexDigits = 12

/**
 * Names what a window holds: the asset, the start, and every number between its first input and its last price; of other
 * assets that the model reads, their closes in the minutes of the inputs.
 */
export function windowHash(
  series: BarSeries,
  window: DataWindow,
  shape: WindowShape,
  hash: HashBytes,
  others: readonly BarSeries[] = [],
): string {
  const [from, until] = inputBars(series, window, shape.inputMinutes)
  const [, last] = targetBars(series, window, shape)
  const { inputMinutes, stepSeconds, steps } = shape
  const read = [window.asset, ...others.map(({ asset }) => asset)].join(',')
  const head = [read, window.startAtMs, inputMinutes, stepSeconds, steps, series.stepSeconds].join(' ')
  const atMs = (bar: number): number => series.firstOpenMs + bar * stepMsOf(series)
  const parts = [
    new TextEncoder().encode(`${head}\n`),
    ...barColumns.map((name) => bytesOf(series[name].subarray(Math.max(from, 0), last + 1))),
    ...others.map((other) => bytesOf(closesBetween(other, atMs(from), atMs(until)))),
  ]
  return hash(joined(parts)).slice(0, hexDigits)
}

/** Of a whole set of windows, in any order: it stands in every report. */
export function windowSetHash(
  series: readonly BarSeries[],
  windows: readonly DataWindow[],
  shape: WindowShape,
  hash: HashBytes,
  others: readonly BarSeries[] = [],
): string {
  const byAsset = new Map(series.map((one) => [one.asset, one]))
  const hashes = windows.map((window) => {
    const own = byAsset.get(window.asset)
    if (own === undefined) throw new RangeError(`no series of ${window.asset}`)
    return windowHash(own, window, shape, hash, others)
  })
  return hash(new TextEncoder().encode(hashes.sort().join('\n'))).slice(0, hexDigits)
}

function closesBetween(series: BarSeries, fromMs: number, untilMs: number): Float64Array {
  const bar = (atMs: number): number => Math.max(0, Math.floor((atMs - series.firstOpenMs) / stepMsOf(series)))
  return series.close.subarray(bar(fromMs), bar(untilMs))
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
