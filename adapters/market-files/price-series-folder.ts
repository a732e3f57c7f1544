/** Folders of `NAME.csv.gz` (one minute) and `NAME_5m.csv.gz`: rows `ts,close,…`; holes are missing rows. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { InputError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { MarketSeries, PriceSeriesSource } from '#core/forecast/models/price-series-source'
import type { PriceSeries } from '#core/forecast/volatility/price-series'

const rowPattern = /^(\d+),([^,\r]+)/
const endings = ['.csv.gz', '.csv']
const otherStep = /_(\d+)m$/
/** Unix seconds between 2001 and 2100; milliseconds and dates are far outside. */
const earliestSeconds = 1_000_000_000
const latestSeconds = 4_100_000_000

export class PriceSeriesFolder implements PriceSeriesSource {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  listAssets(): string[] {
    const stems = this.#stems().filter((stem) => !otherStep.test(stem) || stem.endsWith('_5m'))
    return [...new Set(stems.map((stem) => stem.replace(/_5m$/, '')))].sort()
  }

  /** Files with other steps: they have no price on the grid of any prompt. */
  listLeftOut(): { readonly name: string; readonly reason: string }[] {
    return this.#stems()
      .flatMap((name) => {
        const minutes = otherStep.exec(name)?.[1]
        if (minutes === undefined || minutes === '5') return []
        return [{ name, reason: `steps of ${minutes} minutes are not the grid of any prompt` }]
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** From the five-minute file, otherwise every fifth minute. */
  readLow(name: string): MarketSeries | undefined {
    const five = readRows(this.#folder, `${name}_5m`, 300)
    // The bar that opened five minutes earlier closes at the price of the grid time.
    if (five !== undefined) return { series: toSeries(five, 300, 300), unseenSteps: 0 }
    const minutes = readRows(this.#folder, name, 60)
    return minutes === undefined ? undefined : { series: toSeries(minutes, 300, 0), unseenSteps: 1 }
  }

  readHigh(name: string): MarketSeries | undefined {
    const minutes = readRows(this.#folder, name, 60)
    return minutes === undefined ? undefined : { series: toSeries(minutes, 60, 0), unseenSteps: 1 }
  }

  #stems(): string[] {
    return listFiles(this.#folder).flatMap((file) => {
      const ending = endings.find((candidate) => file.endsWith(candidate))
      return ending === undefined ? [] : [file.slice(0, -ending.length)]
    })
  }
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (cause) {
    throw new InputError('INPUT_FILE_UNREADABLE', `${folder} is not a folder that can be read.`, { cause })
  }
}

/** In the order of time. */
interface SeriesRows {
  readonly times: readonly number[]
  readonly closes: readonly number[]
}

function readRows(folder: string, stem: string, stepSeconds: number): SeriesRows | undefined {
  const path = endings.map((ending) => join(folder, stem + ending)).find((candidate) => existsSync(candidate))
  if (path === undefined) return undefined
  const times: number[] = []
  const closes: number[] = []
  let isInOrder = true
  for (const line of readText(path).split('\n')) {
    const [, time, close] = rowPattern.exec(line) ?? []
    const price = Number(close)
    if (time === undefined || !(price > 0 && Number.isFinite(price))) continue
    const seconds = Number(time)
    if (seconds < earliestSeconds || seconds > latestSeconds) {
      throw unreadable(path, `"${time}" in the first column is not a time in Unix seconds`)
    }
    if (times.length > 0 && seconds <= times.at(-1)!) isInOrder = false
    times.push(seconds)
    closes.push(price)
  }
  if (times.length < 2) throw unreadable(path, 'fewer than two rows begin with "ts,close"')
  const rows = isInOrder ? { times, closes } : inOrder(times, closes)
  const spacing = usualSpacing(rows.times)
  if (spacing !== stepSeconds) {
    throw unreadable(path, `its rows are ${spacing} s apart, but by its name they should be ${stepSeconds} s apart`)
  }
  return rows
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path)
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
  } catch (cause) {
    throw unreadable(path, messageOf(cause), cause)
  }
}

function unreadable(path: string, reason: string, cause?: unknown): InputError {
  return new InputError('INPUT_INVALID', `${path}: ${reason}.`, {
    hint: 'A file of prices has the header ts,close,…, Unix seconds in ascending order, and the step in its name.',
    ...(cause === undefined ? {} : { cause }),
  })
}

function inOrder(times: readonly number[], closes: readonly number[]): SeriesRows {
  const order = times.map((_, row) => row).sort((a, b) => times[a]! - times[b]!)
  return { times: order.map((row) => times[row]!), closes: order.map((row) => closes[row]!) }
}

function usualSpacing(times: readonly number[]): number {
  const spacings = Float64Array.from(times.slice(1), (time, row) => time - times[row]!).filter((spacing) => spacing > 0)
  return spacings.sort()[Math.floor(spacings.length / 2)] ?? 0
}

/** `shiftSeconds`: how long after the bar's opening its close is the price of the grid. */
function toSeries({ times, closes }: SeriesRows, stepSeconds: number, shiftSeconds: number): PriceSeries {
  const first = Math.ceil((times[0]! + shiftSeconds) / stepSeconds)
  const last = Math.floor((times.at(-1)! + shiftSeconds) / stepSeconds)
  const grid = new Float64Array(Math.max(0, last - first + 1)).fill(Number.NaN)
  times.forEach((time, row) => {
    const at = (time + shiftSeconds) / stepSeconds
    if (Number.isInteger(at)) grid[at - first] = closes[row]!
  })
  return { startAtMs: first * stepSeconds * 1000, stepSeconds, closes: grid }
}
