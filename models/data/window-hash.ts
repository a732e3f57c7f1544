import { type BarSeries, barColumns } from './bar-series.ts'
import { type DataWindow, inputBars, targetBars, type WindowShape } from './windows.ts'

/** SHA-256 in hex. */
export type HashBytes = (bytes: Uint8Array) => string

const hexDigits = 12

/** Names what a window holds: the asset, the start, and every number between its first input and its last price. */
export function windowHash(series: BarSeries, window: DataWindow, shape: WindowShape, hash: HashBytes): string {
  const [from] = inputBars(series, window, shape.inputMinutes)
  const [, last] = targetBars(series, window, shape)
  const { inputMinutes, stepSeconds, steps } = shape
  const head = new TextEncoder().encode(
    `${[window.asset, window.startAtMs, inputMinutes, stepSeconds, steps, series.stepSeconds].join(' ')}\n`,
  )
  const columns = barColumns.map((name) => series[name].subarray(Math.max(from, 0), last + 1))
  const bytes = new Uint8Array(head.length + columns.length * (columns[0]?.byteLength ?? 0))
  bytes.set(head)
  let at = head.length
  for (const { buffer, byteOffset, byteLength } of columns) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at)
    at += byteLength
  }
  return hash(bytes).slice(0, hexDigits)
}

/** Of a whole set of windows, in any order: it stands in every report. */
export function windowSetHash(
  series: readonly BarSeries[],
  windows: readonly DataWindow[],
  shape: WindowShape,
  hash: HashBytes,
): string {
  const byAsset = new Map(series.map((one) => [one.asset, one]))
  const hashes = windows.map((window) => {
    const own = byAsset.get(window.asset)
    if (own === undefined) throw new RangeError(`no series of ${window.asset}`)
    return windowHash(own, window, shape, hash)
  })
  return hash(new TextEncoder().encode(hashes.sort().join('\n'))).slice(0, hexDigits)
}
