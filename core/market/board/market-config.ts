import { z } from 'zod'
import { filePath, ms, secret } from '#core/base/config/fields'
import { defaultPriceLimits, type PriceLimits } from '../gates/price-gate.ts'
import type { ServingFallbacks } from '../venues/router.ts'
import { defaultServingFallbacks } from '../venues/serving-fallbacks.ts'
import { venueIds } from '../venues/venue.ts'

const baseUrl = () => z.url({ protocol: /^https?$/, error: 'must be an address that begins with http:// or https://' })
const share = () => z.number().gt(0).lte(1)
const venueSymbol = z.strictObject({ venue: z.enum(venueIds), symbol: z.string().min(1) })

/** Settings of prices and minutes; the same for both programs. */
export const marketConfigFields = {
  requestDeadlineMs: ms()
    .min(100)
    .default(3_000)
    .describe('Longest wait for a current price, connection and body included'),
  historyDeadlineMs: ms().min(100).default(20_000).describe('Longest wait for one answer with a range of minutes'),
  maxAnswerBytes: z.int().min(1024).default(1_048_576).describe('Largest answer to a question about a current price'),
  maxHistoryBytes: z.int().min(1024).default(8_388_608).describe('Largest answer with a range of minutes or scores'),
  pollMs: ms().min(250).default(5_000).describe('Pause between two readings of a venue'),
  retryFirstMs: ms().min(100).default(1_000).describe('Pause after the first failure of a venue; doubles from there'),
  retryMaxMs: ms().min(1_000).default(30_000).describe('Longest pause between two tries of a failing venue'),
  maxAgeMs: ms()
    .min(1_000)
    .default(defaultPriceLimits.maxAgeMs)
    .describe('A price older than this is refused; without a younger one the asset is unavailable'),
  freshMs: ms()
    .min(250)
    .default(defaultPriceLimits.freshMs)
    .describe('Up to this age the better venue is served even if a fallback has something newer'),
  maxFutureMs: ms()
    .default(defaultPriceLimits.maxFutureMs)
    .describe('How far ahead of our clock the time of a price may be'),
  maxConfidenceShare: share()
    .default(defaultPriceLimits.maxConfidenceShare)
    .describe('Widest confidence interval of a price, half its width as a share of the price'),
  maxConfidenceShareByAsset: z
    .record(z.string(), share())
    .default({})
    .describe('The same for single assets, for example {"SPCX": 0.03}'),
  maxJumpShare: share()
    .default(defaultPriceLimits.maxJumpShare)
    .describe('A larger change from the last good price is held back until it was seen several times'),
  jumpSightings: z
    .int()
    .min(1)
    .default(defaultPriceLimits.jumpSightings)
    .describe('How many times in a row a jump must be seen before it is accepted'),
  fallbacks: z
    .record(z.string(), z.array(venueSymbol))
    .default({})
    .describe(
      'By asset: other series to serve from while the scored venue is silent, best first, instead of the built-in ones ([] for none); never for scoring',
    ),
  binance: z
    .strictObject({
      baseUrl: baseUrl()
        .default('https://api.binance.com')
        .describe('Binance spot; where it answers 451, use https://data-api.binance.vision'),
    })
    .prefault({}),
  hyperliquid: z
    .strictObject({ baseUrl: baseUrl().default('https://api.hyperliquid.xyz').describe('Hyperliquid, spot and perps') })
    .prefault({}),
  pythHermes: z
    .strictObject({
      baseUrl: baseUrl().default('https://hermes.pyth.network').describe('Pyth Hermes, current prices'),
      apiKey: secret().optional().describe('Key of the Pyth Terminal; the public host requires one since 2026-08-26'),
      stream: z.boolean().default(false).describe('Also read the price stream, for prices between two readings'),
      streamSilenceMs: ms().min(1_000).default(15_000).describe('A stream that is silent for this long is reopened'),
    })
    .prefault({}),
  pythBenchmarks: z
    .strictObject({
      baseUrl: baseUrl()
        .default('https://benchmarks.pyth.network/v1/shims/tradingview')
        .describe('Pyth Benchmarks history; the public host was retired on 2026-08-26'),
    })
    .prefault({}),
  pythPro: z
    .strictObject({
      baseUrl: baseUrl()
        .default('https://pyth.dourolabs.app/v1/fixed_rate@200ms')
        .describe('Pyth Pro history, which replaced Benchmarks'),
      apiKey: secret().optional().describe('Key of Pyth Pro, if the history host requires one'),
    })
    .prefault({}),
  pythHistory: z
    .enum(['pythBenchmarks', 'pythPro'])
    .default('pythPro')
    .describe('Which history host to use where the rules say Pyth; validators had the same choice'),
  synthApi: z
    .strictObject({
      baseUrl: baseUrl()
        .default('https://api.synthdata.co')
        .describe('The public API of the subnet: prompts, realised paths, scores, rewards'),
      monitoringUrl: baseUrl()
        .default('https://monitoring.synthdata.co')
        .describe('Where the size of the reward pool is published'),
      requestsPerSecond: z.number().gt(0).lte(100).default(2).describe('Most requests per second'),
      tries: z.int().min(1).max(20).default(4).describe('How often a request is tried while the server has problems'),
    })
    .prefault({}),
  coingecko: z
    .strictObject({
      baseUrl: baseUrl().default('https://api.coingecko.com').describe('CoinGecko, simple price'),
      apiKey: secret().optional().describe('Demo key; the open tier allows 5 to 15 calls a minute'),
      pollMs: ms().min(250).default(30_000).describe('Pause between two readings of CoinGecko'),
    })
    .prefault({}),
  files: z
    .strictObject({
      dir: filePath()
        .optional()
        .describe('A folder of minute files, SYMBOL.csv, .csv.gz or .parquet, that can be used as a venue'),
    })
    .prefault({}),
}

export const MarketConfig = z.strictObject(marketConfigFields)
export type MarketConfig = z.output<typeof MarketConfig>

export function priceLimits(config: MarketConfig): PriceLimits {
  const { maxAgeMs, freshMs, maxFutureMs, maxConfidenceShare, maxConfidenceShareByAsset } = config
  const { maxJumpShare, jumpSightings } = config
  return { maxAgeMs, freshMs, maxFutureMs, maxConfidenceShare, maxConfidenceShareByAsset, maxJumpShare, jumpSightings }
}

export function servingFallbacks(config: MarketConfig): ServingFallbacks {
  return { ...defaultServingFallbacks, ...config.fallbacks }
}
