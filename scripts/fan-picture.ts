/**
 * `npx tsx scripts/fan-picture.ts [--market FOLDER --asset BTC --at 2025-11-01T12:00:00Z] --out FILE`: one day's
 * forecast against the real prices. Without a folder the market is simulated, with the week of the published set and
 * its own storms.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sha256Hex } from '#adapters/files/output-file'
import { PriceSeriesFolder } from '#adapters/market-files/price-series-folder'
import { SplitMix64 } from '#core/base/random/rng'
import { CalibratedModel } from '#core/forecast/models/calibrated'
import { CalibratedMemory } from '#core/forecast/models/calibrated-memory'
import { type CalibratedParameters, calibrate, calibratedGrids } from '#core/forecast/models/calibrated-parameters'
import { readParameterFile } from '#core/forecast/models/parameter-file'
import type { PriceSeries } from '#core/forecast/volatility/price-series'
import { scaleAt } from '#core/forecast/volatility/week-curve'
import { formatInstant, parseInstantMs } from '#core/synth/regimes/instant'
import { dayIntervals } from '#tests/support/scoring-rules'
import { Ensembles } from '#tests/support/skill/ensembles'
import { drawFan } from '#tests/support/skill/fan-picture'

const stepCount = 288
const stepMs = 300_000
const published = join(import.meta.dirname, '..', 'models', 'published', 'calibrated')

function main(): void {
  const { values } = parseArgs({
    options: {
      market: { type: 'string' },
      asset: { type: 'string', default: 'BTC' },
      at: { type: 'string', default: '2025-11-04T12:00:00Z' },
      out: { type: 'string' },
    },
  })
  if (values.out === undefined) throw new Error('Name the picture with --out.')
  const startAtMs = parseInstantMs(values.at)
  if (startAtMs === undefined || startAtMs % stepMs !== 0)
    throw new Error(`${values.at} is not a five-minute instant with a zone.`)
  const { asset, market } = values
  const prior = readPublished(asset)
  const series = market === undefined ? makeMarket(prior, startAtMs) : readMarket(market, asset)
  const start = (startAtMs - series.startAtMs) / stepMs
  const real = series.closes.slice(start, start + stepCount + 1)
  if (start < 1 || real.length <= stepCount || !(real[0]! > 0))
    throw new Error(`There is no whole day of prices from ${values.at}.`)
  // A published set knows later prices: with a folder the model is fitted on the prices before the day.
  const learned =
    market === undefined
      ? { ok: true as const, parameters: prior }
      : calibrate(asset, series, start + 1, calibratedGrids.low)
  if (!learned.ok) throw new Error(learned.reason)
  const memory = new CalibratedMemory(learned.parameters, '')
  for (let i = 0; i <= start; i += 1) memory.takePrice(series.closes[i]!, series.startAtMs + i * stepMs)
  const answer = new CalibratedModel(() => memory).forecast({ asset, startAtMs, stepSeconds: 300, stepCount })
  if (!answer.ok) throw new Error(answer.reason)
  const paths = new Ensembles(300, stepCount, dayIntervals).structured(answer.forecast, real[0]!, BigInt(startAtMs))
  const name = market === undefined ? 'A made-up market' : asset
  const title = `${name}, ${formatInstant(startAtMs)}: half, 80 % and 95 % of the paths, twelve of them, and the real prices`
  writeFileSync(values.out, drawFan({ title, startAtMs, stepSeconds: 300, ...paths, real }))
}

function readPublished(asset: string): CalibratedParameters {
  const reading = readParameterFile(readFileSync(join(published, `${asset}.low.json`), 'utf8'), sha256Hex)
  if (!reading.ok) throw new Error(`${asset}: ${reading.reason}`)
  return reading.file.parameters
}

function readMarket(folder: string, asset: string): PriceSeries {
  const market = new PriceSeriesFolder(folder).readLow(asset)
  if (market === undefined) throw new Error(`${folder} has no prices of ${asset}.`)
  return market.series
}

/** Forty days before the picture and the day itself. */
function makeMarket({ model }: CalibratedParameters, startAtMs: number): PriceSeries {
  const rng = new SplitMix64(21n)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next())
  const fromMs = startAtMs - 40 * stepCount * stepMs
  const closes = new Float64Array(41 * stepCount + 1)
  let price = 50_000
  let [slow, fast] = [0, 0]
  for (let i = 0; i < closes.length; i += 1) {
    slow = 0.999 * slow + 0.02 * normal()
    fast = 0.96 * fast + 0.1 * normal()
    const sd = 12e-4 * scaleAt(model.curve, fromMs + (i - 0.5) * stepMs) * Math.exp(slow + fast)
    price *= Math.exp(sd * normal())
    closes[i] = price
  }
  return { startAtMs: fromMs, stepSeconds: 300, closes }
}

main()
