import { jsonKind } from '#core/synth/scoring/answer-json'
import {
  type CandleReading,
  gridOf,
  readCandleSnapshot,
  readKlines,
  readTradingViewHistory,
} from '#core/synth/scoring/candle-payloads'
import { elementsOf, isArray, memberOf, numberAt, plainValueAt, textAt } from '#core/synth/scoring/json-tape'
import type { PriceWindow } from '#core/synth/scoring/price-grid'
import { badEntry, readSourceFile, type SourceFile } from './file-place.ts'

/**
 * The realised path: a list of prices with null for a missing one, the public API's object with `real_prices`, or
 * candles as a venue serves them.
 */
export function readRealisedFile(name: string, text: string, window: PriceWindow): Float64Array {
  const file = readSourceFile(name, text)
  const { tape } = file
  const list = memberOf(tape, 0, 'real_prices')
  if (list !== null) return readPrices(file, list, '$.real_prices')
  if (memberOf(tape, 0, 't') !== null) return readCandles(file, window, readTradingViewHistory)
  if (!isArray(tape, 0)) {
    throw badEntry(file, 0, '$', 'a list of prices, an object with real_prices, or candles were expected.')
  }
  const first = tape.kinds[1]
  if (tape.counts[0] === 0) throw badEntry(file, 0, '$', 'the list of prices is empty.')
  if (first === jsonKind.array) return readCandles(file, window, readKlines)
  if (first === jsonKind.object) return readCandles(file, window, readCandleSnapshot)
  return readPrices(file, 0, '$')
}

function readPrices(file: SourceFile, list: number, path: string): Float64Array {
  const { tape } = file
  if (!isArray(tape, list)) throw badEntry(file, list, path, 'a list of prices was expected.')
  return Float64Array.from(elementsOf(tape, list), (entry, index) => {
    const kind = tape.kinds[entry]
    if (kind === jsonKind.null) return Number.NaN
    const price = kind === jsonKind.int || kind === jsonKind.float ? numberAt(tape, entry) : Number.NaN
    if (price > 0 && Number.isFinite(price)) return price
    throw badEntry(
      file,
      entry,
      `${path}[${index}]`,
      `${textAt(tape, entry).slice(0, 40)} is not a price; a missing one is null.`,
    )
  })
}

function readCandles(
  file: SourceFile,
  window: PriceWindow,
  read: (payload: unknown, window: PriceWindow) => CandleReading,
): Float64Array {
  const reading = read(plainValueAt(file.tape, 0), window)
  if (!reading.ok) throw badEntry(file, 0, `$${/^\w/.test(reading.at) ? '.' : ''}${reading.at}`, `${reading.problem}.`)
  const bad = reading.candles.closes.findIndex((close) => close <= 0 || close === Number.POSITIVE_INFINITY)
  if (bad >= 0)
    throw badEntry(file, 0, '$', `the close ${reading.candles.closes[bad]} of candle ${bad + 1} is not a price.`)
  const grid = gridOf(window, reading)
  if (grid.ok) return grid.prices
  const end = window.startAtSeconds + window.timeLengthSeconds
  throw badEntry(
    file,
    0,
    '$',
    grid.reason === 'notSettled'
      ? `no candle opens after ${end}, so the path that ends there is not final.`
      : `there is no candle that opens at ${end}, and without its last price a path is not scored.`,
  )
}
