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

export interface VenueDeps {
  readonly clock: Clock
  readonly rng: Rng
  /** A folder of minute files as a venue. That is another adapter, so the wiring passes it in. */
  readonly openFiles: (folder: string) => LatestPrice & MinuteHistory
}

/** Every venue behind its port, as configured. No venue is asked yet. */
export function createVenues(deps: VenueDeps, config: MarketConfig): Venues {
  const latest: RequestLimits = { deadlineMs: config.requestDeadlineMs, maxAnswerBytes: config.maxAnswerBytes }
  const history: RequestLimits = { deadlineMs: config.historyDeadlineMs, maxAnswerBytes: config.maxHistoryBytes }
  const binance = createBinanceSpot(deps, { ...config.binance, latest, history })
  const spot = new Hyperliquid(deps, { venue: 'hyperliquidSpot', ...config.hyperliquid, latest, history })
  const perp = new Hyperliquid(deps, { venue: 'hyperliquidPerp', ...config.hyperliquid, latest, history })
  const hermes = createPythHermes({ ...config.pythHermes, latest })
  const coingecko = createCoingecko({ ...config.coingecko, latest })
  const benchmarks = createPythHistory(deps, { venue: 'pythBenchmarks', ...config.pythBenchmarks, history })
  const pro = createPythHistory(deps, { venue: 'pythPro', ...config.pythPro, history })
  const files = config.files.dir === undefined ? [] : [deps.openFiles(config.files.dir)]
  const forkedRng = deps.rng.fork('synth api')
  return {
    latest: new Map([binance, spot, perp, hermes, coingecko, ...files].map((source) => [source.venue, source])),
    streams: config.pythHermes.stream ? [hermes] : [],
    history: new Map([binance, spot, perp, benchmarks, pro, ...files].map((source) => [source.venue, source])),
    synthApi: createSynthApi({ clock: deps.clock, rng: forkedRng }, { ...config.synthApi, limits: history }),
  }
}
