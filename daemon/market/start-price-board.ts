import type { Logger } from '#core/base/log/logger'
import type { Rng } from '#core/base/random/rng'
import type { Clock } from '#core/base/time/clock'
import { type MarketConfig, priceLimits, servingFallbacks } from '#core/market/board/market-config'
import { PriceBoard, type PriceBoardDeps } from '#core/market/board/price-board'
import { PriceGate } from '#core/market/gates/price-gate'
import type { LatestPrice, LatestPriceStream } from '#core/market/venues/latest-price'
import type { PriceSourceLookup } from '#core/market/venues/price-sources'
import { createPriceRouter } from '#core/market/venues/router'
import type { VenueId } from '#core/market/venues/venue'

export interface PriceBoardParts {
  readonly latest: ReadonlyMap<VenueId, LatestPrice>
  readonly streams: readonly LatestPriceStream[]
  readonly scored: PriceSourceLookup
  /** The last recorded close of each asset: the first price of this run is compared with it. */
  readonly references?: ReadonlyMap<string, number>
  readonly clock: Clock
  readonly rng: Rng
  readonly log: Logger
  readonly witness?: PriceBoardDeps['witness']
}

/** The live prices of the daemon: it reads until it is stopped. */
export function startPriceBoard(parts: PriceBoardParts, config: MarketConfig, assets: readonly string[]): PriceBoard {
  const { latest, streams, scored, clock, rng, log, witness } = parts
  const gate = new PriceGate(priceLimits(config))
  for (const [asset, priceUsd] of parts.references ?? []) gate.seedReference(asset, priceUsd)
  const router = createPriceRouter({ scored, fallbacks: servingFallbacks(config) })
  const board = new PriceBoard(
    {
      ...{ latest, streams, router, gate, clock, witness },
      rng: rng.fork('price board'),
      log: log.child({ component: 'prices' }),
    },
    {
      assets,
      pollMs: config.pollMs,
      pollMsByVenue: { coingecko: config.coingecko.pollMs },
      retry: { firstMs: config.retryFirstMs, maxMs: config.retryMaxMs },
    },
  )
  return board.start()
}
