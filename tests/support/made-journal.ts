/** A journal as the miner keeps it, and the minutes beside it, of a market that never was. */

import { createHash } from 'node:crypto'
import type { Database } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { SqlitePredictionStore } from '#adapters/sqlite/prediction-store'
import { preparePrices, sha256Of } from '#adapters/sqlite/prices-blob'
import { SplitMix64 } from '#core/base/random/rng'
import type { Clock } from '#core/base/time/clock'
import { dayMinutes, dayMs, hourSeconds, minuteMs } from '#core/base/time/units'
import type { PreparedPrediction, PreparedPrices } from '#core/forecast/journal/journal-store'
import { predictionId } from '#core/forecast/journal/prediction-id'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { PathSampler, samplerVersion } from '#core/forecast/paths/path-sampler'
import { singlePart } from '#core/forecast/paths/process-parameters'
import { priceTextCapacity } from '#core/forecast/paths/write-prices'
import { MinuteBatch } from '#core/market/minutes/minute-batch'
import { createPriceSourceLookup, createScoredSources } from '#core/market/venues/price-sources'
import type { Prompt } from '#core/synth/prompts/prompt'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { resolvePrediction } from '#core/synth/regimes/prediction'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { referenceHourlySd } from '#core/synth/regimes/table/reference-sds'
import { SyntheticMarket } from '#standins/market/synthetic/synthetic-market'

export interface MadeJournalOptions {
  /** A midnight. */
  readonly startAtMs: number
  readonly days: number
  readonly assets: readonly string[]
  /** Days of minutes before the first prompt. */
  readonly minuteDaysBefore?: number
  readonly dayEveryMs?: number
  readonly hourEveryMs?: number
  readonly pathCount?: number
  readonly seed?: bigint
  /**
   * So many different ensembles of an asset and length, taken in turns, instead of one a prediction: making an ensemble
   * takes longer than scoring it.
   */
  readonly ensembles?: number
  /** A close in every minute, also where nobody traded. */
  readonly isGapless?: boolean
}

export const madeBook = buildRegimeBook(builtInRegimes)
export const madeSources = createScoredSources(madeBook, { pythHistory: 'pythPro' })
const sourceOf = createPriceSourceLookup(madeSources)
const hourAssets = ['BTC', 'ETH', 'SOL', 'XRP', 'HYPE']
const rowsAtOnce = 32

interface Ensemble {
  readonly recipe: PredictionRecord['recipe']
  readonly prices: PreparedPrices
  /** The text that was sent, after its start and step. */
  readonly rows: Uint8Array
}

/** Answers how many predictions were written. */
export function writeMadeJournal(db: Database, clock: Clock, options: MadeJournalOptions): number {
  const { seed = 1n, startAtMs, days, minuteDaysBefore = 1 } = options
  const market = new SyntheticMarket({ seed, originMs: startAtMs - (minuteDaysBefore + 1) * dayMs })
  writeMinutes(db, clock, market, options, minuteDaysBefore)
  const store = new SqlitePredictionStore(db, clock)
  const maker = new EnsembleMaker(market, options)
  let batch: PreparedPrediction[] = []
  let written = 0
  const flush = (): void => {
    const outcome = store.write(batch, 30_000)
    if (!outcome.ok) throw new Error(outcome.failure.detail)
    written += batch.length
    batch = []
  }
  for (const prompt of promptsOf(options, startAtMs + days * dayMs)) {
    const ensemble = maker.ensembleFor(prompt)
    batch.push({ record: recordOf(prompt, ensemble), prices: ensemble.prices })
    if (batch.length >= rowsAtOnce) flush()
  }
  flush()
  return written
}

function* promptsOf(
  { startAtMs, assets, dayEveryMs = 1_800_000, hourEveryMs = 900_000, pathCount = 1000 }: MadeJournalOptions,
  endAtMs: number,
): Generator<Prompt> {
  for (let atMs = startAtMs; atMs < endAtMs; atMs += minuteMs) {
    for (const asset of assets) {
      const startAtSeconds = atMs / 1000
      if ((atMs - startAtMs) % dayEveryMs === 0) {
        yield { asset, startAtSeconds, lengthSeconds: 86_400, stepSeconds: 300, pathCount }
      }
      if (hourAssets.includes(asset) && (atMs - startAtMs) % hourEveryMs === 0) {
        yield { asset, startAtSeconds, lengthSeconds: 3_600, stepSeconds: 60, pathCount }
      }
    }
  }
}

/** Paths of one volatility from the last price, as the reference miner would make them. */
class EnsembleMaker {
  readonly #market: SyntheticMarket
  readonly #options: MadeJournalOptions
  readonly #kernel = new PathKernel()
  readonly #sampler = new PathSampler(this.#kernel)
  readonly #kept = new Map<string, Ensemble[]>()
  readonly #turns = new Map<string, number>()

  constructor(market: SyntheticMarket, options: MadeJournalOptions) {
    this.#market = market
    this.#options = options
  }

  ensembleFor(prompt: Prompt): Ensemble {
    const { ensembles } = this.#options
    if (ensembles === undefined) return this.#make(prompt)
    const name = `${prompt.asset} ${prompt.lengthSeconds}`
    const turn = this.#turns.get(name) ?? 0
    this.#turns.set(name, turn + 1)
    const kept = this.#kept.get(name) ?? []
    this.#kept.set(name, kept)
    if (kept.length < ensembles) kept.push(this.#make(prompt))
    return kept[turn % ensembles]!
  }

  /** Ensembles that are taken in turns have the recipe of a model that knows the hours: most of what a record takes. */
  #stepVariances(stepCount: number, mean: number): Float64Array {
    const hour = (step: number) => (this.#options.ensembles === undefined ? 1 : 1 + 0.5 * Math.sin(step ** 1.1))
    return Float64Array.from({ length: stepCount }, (_, step) => mean * hour(step))
  }

  #make(prompt: Prompt): Ensemble {
    const { asset, startAtSeconds, lengthSeconds, stepSeconds, pathCount } = prompt
    const stepVariance = ((referenceHourlySd[asset] ?? 0.006) ** 2 * stepSeconds) / hourSeconds
    const { intervals } = resolvePrediction(madeBook, {
      asset,
      timeLengthSeconds: lengthSeconds,
      startAtMs: startAtSeconds * 1000,
    }).scoring.competition
    const recipe: PredictionRecord['recipe'] = {
      samplerVersion,
      forecast: singlePart({
        stepSeconds,
        stepVariances: this.#stepVariances(lengthSeconds / stepSeconds, stepVariance),
        volatilityFactors: [{ logSd: 0.3, halfLifeSeconds: Number.POSITIVE_INFINITY }],
        tails: { kind: 'normal' },
      }),
      startPriceUsd: this.#market.priceAt(asset, startAtSeconds * 1000)!,
      seed: new SplitMix64(7n).fork(`${asset} ${startAtSeconds} ${lengthSeconds}`).nextUint64(),
      arrangement: { kind: 'structured', intervals },
      flatFirstPath: false,
    }
    const paths = this.#sampler.sample({
      forecast: recipe.forecast,
      startPrice: recipe.startPriceUsd,
      pathCount,
      seed: recipe.seed,
      arrangement: recipe.arrangement,
    })
    const text = { ...paths, startAtSeconds, stepSeconds }
    const bytes = new Uint8Array(priceTextCapacity(text))
    const written = this.#kernel.writePrices(bytes, 0, text)
    if (!written.ok) throw new Error(`${written.price} cannot be written`)
    const outputJson = bytes.slice(0, written.end)
    const prepared = preparePrices(outputJson, sha256Of(outputJson))
    if (!prepared.ok) throw new Error(prepared.reason)
    return { recipe, prices: prepared.prices, rows: outputJson.subarray(headOf(prompt).length) }
  }
}

function headOf({ startAtSeconds, stepSeconds }: Prompt): string {
  return `[${startAtSeconds},${stepSeconds}`
}

function recordOf(prompt: Prompt, { recipe, rows }: Ensemble): PredictionRecord {
  const startAtMs = prompt.startAtSeconds * 1000
  // An ensemble of several prompts is another text for each.
  const outputHash = createHash('sha256').update(headOf(prompt)).update(rows).digest('hex')
  return {
    id: predictionId(prompt, outputHash),
    prompt,
    receivedAtMs: startAtMs - 45_000,
    madeAtMs: startAtMs - 44_900,
    reason: 'interval',
    rung: 'champion',
    model: {
      name: 'calibrated',
      version: '1',
      parametersHash: '0'.repeat(16),
      parameters: defaultParameters(prompt.asset),
    },
    isDegraded: false,
    price: { usd: recipe.startPriceUsd, publishedAtMs: startAtMs - 46_000, venue: 'binanceSpot' },
    recipe,
    outputHash,
    stageMs: {},
  }
}

/** As the recorder of the miner leaves them: closes, and declared gaps where nobody traded. */
function writeMinutes(
  db: Database,
  clock: Clock,
  market: SyntheticMarket,
  { startAtMs, days, assets, isGapless = false }: MadeJournalOptions,
  minuteDaysBefore: number,
): void {
  const store = new SqliteMinuteStore(db, clock)
  for (let day = -minuteDaysBefore; day < days + 2; day += 1) {
    const writes = assets.flatMap((asset) => {
      const fromMs = startAtMs + day * dayMs
      const source = sourceOf(asset, fromMs)
      if (source === undefined) return []
      const batch = new MinuteBatch()
      for (let minute = 0; minute < dayMinutes; minute += 1) {
        const openAtMs = fromMs + minute * minuteMs
        const close = market.minuteClose(asset, openAtMs) ?? (isGapless ? market.priceAt(asset, openAtMs) : undefined)
        if (close === undefined) batch.declareGap(openAtMs)
        else batch.setClose(openAtMs, close)
      }
      return [{ series: { asset, ...source }, batch, origin: 'recorded' as const }]
    })
    store.write(writes)
  }
}
