import type { Rng } from '#core/base/random/rng'
import type { Clock } from '#core/base/time/clock'
import type { MarketConfig } from '#core/market/board/market-config'
import type { LatestPrice, LatestPriceStream } from '#core/market/venues/latest-price'
import type { MinuteHistory } from '#core/market/venues/minute-history'
import type { SynthApi } from '#core/market/venues/synth-api'
import type { VenueId } from '#core/market/venues/venue'
import { createBinanceSpot } from './binance-spot.ts'
import { createCoingecko } from './coingecko.ts'
import type { RequestLimits } from './http-json.ts'
import { Hyperliquid } from './hyperliquid.ts'
import { createPythHermes } from './pyth-hermes.ts'
import { createPythHistory } from './pyth-history.ts'
import { createSynthApi } from './synth-api.ts'

export interface Venues {
  readonly latest: ReadonlyMap<VenueId, LatestPrice>
  readonly streams: readonly LatestPriceStream[]
  readonly history: ReadonlyMap<VenueId, MinuteHistory>
  readonly synthApi: SynthApi
}

/**
 * Every venue of the network behind its port, as the configuration says. Nothing is asked yet. `others` are venues of
 * other adapters, such as a folder of files.
 */
export function createVenues(
  deps: { clock: Clock; rng: Rng },
  config: MarketConfig,
  others: readonly (LatestPrice & MinuteHistory)[] = [],
): Venues {
  const latest: RequestLimits = { deadlineMs: config.requestDeadlineMs, maxAnswerBytes: config.maxAnswerBytes }
  const history: RequestLimits = { deadlineMs: config.historyDeadlineMs, maxAnswerBytes: config.maxHistoryBytes }
  const binance = createBinanceSpot(deps, { ...config.binance, latest, history })
  const spot = new Hyperliquid(deps, { venue: 'hyperliquidSpot', ...config.hyperliquid, latest, history })
  const perp = new Hyperliquid(deps, { venue: 'hyperliquidPerp', ...config.hyperliquid, latest, history })
  const hermes = createPythHermes({ ...config.pythHermes, latest })
  const coingecko = createCoingecko({ ...config.coingecko, latest })
  const benchmarks = createPythHistory(deps, { venue: 'pythBenchmarks', ...config.pythBenchmarks, history })
  const pro = createPythHistory(deps, { venue: 'pythPro', ...config.pythPro, history })
  const forkedRng = deps.rng.fork('synth api')
  return {
    latest: new Map([binance, spot, perp, hermes, coingecko, ...others].map((source) => [source.venue, source])),
    streams: config.pythHermes.stream ? [hermes] : [],
    history: new Map([binance, spot, perp, benchmarks, pro, ...others].map((source) => [source.venue, source])),
    synthApi: createSynthApi({ clock: deps.clock, rng: forkedRng }, { ...config.synthApi, limits: history }),
  }
}
