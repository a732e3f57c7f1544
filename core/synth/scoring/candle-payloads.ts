import { buildPriceGrid, type Candles, gridPrices, type PriceGrid, type PriceWindow } from './price-grid.ts'
import { parsePythonFloat } from './python-number.ts'

/** The candles of a payload, and whether one of them is after the window. */
export type CandleReading =
  | { readonly ok: true; readonly candles: Candles; readonly hasWitness: boolean }
  /** `at` names the place inside the payload. */
  | { readonly ok: false; readonly problem: string; readonly at: string }

/** The history format of the charting protocol: parallel lists `t` in seconds and `c`. The longer list is cut. */
export function readTradingViewHistory(payload: unknown, window: PriceWindow): CandleReading {
  if (!isRecord(payload)) return refuse('an object with the lists t and c was expected', '')
  const openSeconds = payload.t ?? []
  if (!isNumberList(openSeconds)) return refuse('a list of whole seconds was expected', 't')
  const end = windowEndSeconds(window)
  const hasWitness = openSeconds.some((second) => second > end)
  if (openSeconds.length === 0 || !hasWitness) return { ok: true, candles: { openSeconds, closes: [] }, hasWitness }
  if (!Array.isArray(payload.c)) return refuse('a list of closing prices was expected', 'c')
  const closes: number[] = []
  for (const [index, close] of payload.c.entries()) {
    if (close !== null && typeof close !== 'number') return refuse('a price or null was expected', `c[${index}]`)
    closes.push(close ?? Number.NaN)
  }
  return { ok: true, candles: { openSeconds, closes }, hasWitness }
}

/** Rows of twelve fields; the opening time in milliseconds and the close are used. */
export function readKlines(rows: unknown, window: PriceWindow): CandleReading {
  return readMillisecondRows(rows, window, (row) => (Array.isArray(row) ? [row[0], row[4]] : null), ['[0]', '[4]'])
}

/** Objects; `t` in milliseconds and `c` are used. */
export function readCandleSnapshot(rows: unknown, window: PriceWindow): CandleReading {
  return readMillisecondRows(rows, window, (row) => (isRecord(row) ? [row.t, row.c] : null), ['.t', '.c'])
}

function readMillisecondRows(
  rows: unknown,
  window: PriceWindow,
  fieldsOf: (row: unknown) => readonly [open: unknown, close: unknown] | null,
  fieldNames: readonly [open: string, close: string],
): CandleReading {
  if (!Array.isArray(rows)) return refuse('a list of candles was expected', '')
  const endMs = windowEndSeconds(window) * 1000
  const openSeconds: number[] = []
  const closes: number[] = []
  let hasWitness = false
  for (const [index, row] of rows.entries()) {
    const fields = fieldsOf(row)
    if (fields === null) return refuse('a candle was expected', `[${index}]`)
    const [open, close] = fields
    if (typeof open !== 'number') return refuse('an opening time was expected', `[${index}]${fieldNames[0]}`)
    if (open > endMs) {
      hasWitness = true
      continue
    }
    const price = typeof close === 'string' ? parsePythonFloat(close) : close
    if (typeof price !== 'number') return refuse('a price was expected', `[${index}]${fieldNames[1]}`)
    openSeconds.push(Math.floor(open / 1000))
    closes.push(price)
  }
  return { ok: true, candles: { openSeconds, closes }, hasWitness }
}

/** Makes the realised path from a reading. */
export function gridOf(window: PriceWindow, reading: CandleReading & { readonly ok: true }): PriceGrid {
  return buildPriceGrid(window, reading.candles, reading.hasWitness)
}

/** The grid even if its last price is missing, as before the validator's last check. */
export function uncheckedGridOf(
  window: PriceWindow,
  reading: CandleReading & { readonly ok: true },
): Float64Array | null {
  return reading.hasWitness ? gridPrices(window, reading.candles) : null
}

function windowEndSeconds(window: PriceWindow): number {
  return window.startAtSeconds + window.timeLengthSeconds
}

function refuse(problem: string, at: string): CandleReading {
  return { ok: false, problem, at }
}

function isNumberList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
