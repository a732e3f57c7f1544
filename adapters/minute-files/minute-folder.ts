import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, InputError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { Clock } from '#core/base/time/clock'
import { minuteMs } from '#core/base/time/units'
import type { MinuteBatch } from '#core/market/minutes/minute-batch'
import { RecordedFeed } from '#core/market/minutes/recorded-feed'
import type { LatestPrice, LatestPriceAnswer } from '#core/market/venues/latest-price'
import type { MinuteHistory, MinuteHistoryAnswer, MinuteRange } from '#core/market/venues/minute-history'
import { venueFailure } from '#core/market/venues/venue'
import { readMinuteFile } from './read-minute-file.ts'

const endings = ['.csv', '.csv.gz', '.parquet']

/** File names are symbols: a symbol that is not a valid file name, or that would leave the folder, has no minutes. */
const symbolText = /^[A-Za-z0-9@][A-Za-z0-9@._-]{0,63}$/

/**
 * A folder of minute files as a venue: `BTC.csv`, `BTC.csv.gz` or `BTC.parquet` is the series `BTC`. A file is read
 * completely at the first question and kept, because it does not change while a program runs. No minute after the
 * clock's now is returned, so that a replay does not see its future.
 */
export class MinuteFolder implements LatestPrice, MinuteHistory {
  readonly venue = 'files'
  readonly #folder: string
  readonly #clock: Clock
  readonly #series = new Map<string, Promise<MinuteBatch>>()

  constructor(deps: { clock: Clock }, folder: string) {
    this.#clock = deps.clock
    this.#folder = folder
  }

  async fetchMinutes(range: MinuteRange): Promise<MinuteHistoryAnswer> {
    const series = await this.#read(range.symbol)
    if (!('days' in series)) return series
    const nowMs = this.#clock.nowMs()
    const feed = new RecordedFeed(new Map([[range.symbol, series]]))
    const minutes: { openAtMs: number; close: number }[] = []
    const firstMs = Math.max(Math.ceil(range.fromMs / minuteMs) * minuteMs, series.firstMs)
    const lastMs = Math.min(range.toMs, series.lastMs, nowMs - minuteMs)
    for (let openAtMs = firstMs; openAtMs <= lastMs; openAtMs += minuteMs) {
      const close = feed.minuteClose(range.symbol, openAtMs)
      if (close !== undefined) minutes.push({ openAtMs, close })
    }
    const coveredFromMs = Math.max(range.fromMs, Math.min(series.firstMs, nowMs))
    return { ok: true, minutes, coveredFromMs, answeredAtMs: nowMs, refusedRows: 0 }
  }

  async fetchLatest(symbols: readonly string[]): Promise<ReadonlyMap<string, LatestPriceAnswer>> {
    const answers = await Promise.all(symbols.map((symbol) => this.#latest(symbol)))
    return new Map(symbols.map((symbol, i) => [symbol, answers[i]!]))
  }

  /** The close of the last minute that is over, dated by its end. */
  async #latest(symbol: string): Promise<LatestPriceAnswer> {
    const series = await this.#read(symbol)
    if (!('days' in series)) return series
    const feed = new RecordedFeed(new Map([[symbol, series]]))
    const endMs = Math.floor(this.#clock.nowMs() / minuteMs) * minuteMs
    for (
      let publishedAtMs = Math.min(endMs, series.lastMs + minuteMs);
      publishedAtMs > series.firstMs;
      publishedAtMs -= minuteMs
    ) {
      const priceUsd = feed.minuteClose(symbol, publishedAtMs - minuteMs)
      if (priceUsd !== undefined) return { ok: true, venue: 'files', symbol, priceUsd, publishedAtMs }
    }
    return venueFailure('noData', `${symbol}: no minute before now`)
  }

  async #read(symbol: string): Promise<MinuteBatch | ReturnType<typeof venueFailure>> {
    let reading = this.#series.get(symbol)
    if (reading === undefined) {
      reading = this.#readFile(symbol)
      this.#series.set(symbol, reading)
    }
    try {
      return await reading
    } catch (error) {
      // A corrected or added file is read at the next question.
      this.#series.delete(symbol)
      if (!(error instanceof AppError)) throw error
      return venueFailure(error.code === 'INPUT_FILE_UNREADABLE' ? 'unknownSymbol' : 'malformed', error.message)
    }
  }

  async #readFile(symbol: string): Promise<MinuteBatch> {
    if (symbolText.test(symbol)) {
      for (const ending of endings) {
        const path = join(this.#folder, symbol + ending)
        if (await exists(path)) return readMinuteFile(path)
      }
    }
    throw new InputError(
      'INPUT_FILE_UNREADABLE',
      `${this.#folder} has no minutes of ${symbol}; looked for ${symbol}{${endings.join(',')}}.`,
    )
  }
}

/** The files of a folder that have the name of one of the assets, as a market. */
export async function readRecordedFeed(folder: string, assets: readonly string[]): Promise<RecordedFeed> {
  const batches = new Map<string, MinuteBatch>()
  for (const file of (await listFolder(folder)).sort()) {
    const asset = assets.find((name) => endings.some((ending) => file === name + ending))
    if (asset !== undefined && !batches.has(asset)) batches.set(asset, await readMinuteFile(join(folder, file)))
  }
  if (batches.size === 0) {
    throw new InputError('INPUT_INVALID', `${folder} has no file of minutes named after an asset.`, {
      hint: `Name the files ${assets.slice(0, 3).join('.csv, ')}.csv and so on, with the header "ts,close".`,
    })
  }
  return new RecordedFeed(batches)
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (cause) {
    const reason = messageOf(cause)
    throw new InputError('INPUT_FILE_UNREADABLE', `${folder} cannot be read: ${reason}.`, { cause })
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
