/** Folders of `NAME.csv.gz` (one minute) and `NAME_5m.csv.gz`: rows `ts,close,…`, holes are missing rows. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { PriceSeries } from '#core/volatility/price-series'

export interface MarketSeries {
  readonly series: PriceSeries
  /** How many of the last grid prices are not known yet when a prompt starts. */
  readonly unseenSteps: 0 | 1
}

const rowPattern = /^(\d+),([^,]+)/
const endings = ['.csv.gz', '.csv']

export function listAssets(folder: string): string[] {
  const stems = readdirSync(folder).flatMap((file) => {
    const ending = endings.find((candidate) => file.endsWith(candidate))
    return ending === undefined ? [] : [file.slice(0, -ending.length)]
  })
  // Three- and fifteen-minute files have no price on the grid of any prompt.
  return [...new Set(stems.filter((stem) => !/_(3|15)m$/.test(stem)).map((stem) => stem.replace(/_5m$/, '')))].sort()
}

/** The grid of day-long prompts: from the five-minute file, else every fifth minute. */
export function readLow(folder: string, name: string): MarketSeries | undefined {
  const five = readRows(folder, `${name}_5m`)
  // The bar that opened five minutes before closes at the price of the grid time.
  if (five !== undefined) return { series: toSeries(five, 300, 300), unseenSteps: 0 }
  const minutes = readRows(folder, name)
  return minutes === undefined ? undefined : { series: toSeries(minutes, 300, 0), unseenSteps: 1 }
}

export function readHigh(folder: string, name: string): MarketSeries | undefined {
  const minutes = readRows(folder, name)
  return minutes === undefined ? undefined : { series: toSeries(minutes, 60, 0), unseenSteps: 1 }
}

interface Rows {
  readonly times: number[]
  readonly closes: number[]
}

function readRows(folder: string, stem: string): Rows | undefined {
  const path = endings.map((ending) => join(folder, stem + ending)).find((candidate) => existsSync(candidate))
  if (path === undefined) return undefined
  const bytes = readFileSync(path)
  const lines = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().split('\n')
  const rows: Rows = { times: [], closes: [] }
  for (const line of lines) {
    const [, time, close] = rowPattern.exec(line) ?? []
    const price = Number(close)
    if (time === undefined || !(price > 0)) continue
    rows.times.push(Number(time))
    rows.closes.push(price)
  }
  return rows.times.length < 2 ? undefined : rows
}

/** `shiftSeconds`: how long after the bar's opening its close is the price of the grid. */
function toSeries({ times, closes }: Rows, stepSeconds: number, shiftSeconds: number): PriceSeries {
  const first = Math.ceil((times[0]! + shiftSeconds) / stepSeconds)
  const last = Math.floor((times.at(-1)! + shiftSeconds) / stepSeconds)
  const grid = new Float64Array(last - first + 1).fill(Number.NaN)
  times.forEach((time, row) => {
    const at = (time + shiftSeconds) / stepSeconds
    if (Number.isInteger(at)) grid[at - first] = closes[row]!
  })
  return { startAtMs: first * stepSeconds * 1000, stepSeconds, closes: grid }
}
