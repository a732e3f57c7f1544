/** Folders of `NAME.csv.gz` (one minute) and `NAME_5m.csv.gz`: rows `ts,close,…`, holes are missing rows. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { InputError } from '#core/errors/app-error'
import type { MarketSeries, PriceSeriesSource } from '#core/models/price-series-source'
import type { PriceSeries } from '#core/volatility/price-series'

const rowPattern = /^(\d+),([^,]+)/
const endings = ['.csv.gz', '.csv']

export class PriceSeriesFolder implements PriceSeriesSource {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  listAssets(): string[] {
    const stems = listFiles(this.#folder).flatMap((file) => {
      const ending = endings.find((candidate) => file.endsWith(candidate))
      return ending === undefined ? [] : [file.slice(0, -ending.length)]
    })
    // Three- and fifteen-minute files have no price on the grid of any prompt.
    const onGrid = stems.filter((stem) => !/_(3|15)m$/.test(stem))
    return [...new Set(onGrid.map((stem) => stem.replace(/_5m$/, '')))].sort()
  }

  /** From the five-minute file, else every fifth minute. */
  readLow(name: string): MarketSeries | undefined {
    const five = readRows(this.#folder, `${name}_5m`)
    // The bar that opened five minutes before closes at the price of the grid time.
    if (five !== undefined) return { series: toSeries(five, 300, 300), unseenSteps: 0 }
    const minutes = readRows(this.#folder, name)
    return minutes === undefined ? undefined : { series: toSeries(minutes, 300, 0), unseenSteps: 1 }
  }

  readHigh(name: string): MarketSeries | undefined {
    const minutes = readRows(this.#folder, name)
    return minutes === undefined ? undefined : { series: toSeries(minutes, 60, 0), unseenSteps: 1 }
  }
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (cause) {
    throw new InputError('INPUT_FILE_UNREADABLE', `${folder} is no folder that can be read.`, { cause })
  }
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
