import { minuteMs } from '#core/base/time/units'
import type { MarketFeed } from '#core/market/minutes/market-feed'

const levels: Readonly<Record<string, number>> = {
  BTC: 64_012.37,
  ETH: 2_633.5,
  SOL: 146.74,
  XRP: 2.1917,
  HYPE: 46.975,
  XAU: 4_235,
  SPYX: 660,
  NVDAX: 176.09,
  TSLAX: 245.29,
  AAPLX: 215.24,
  GOOGLX: 180.02,
  SP500: 6_863.65,
  SPCX: 251.3,
  WTIOIL: 57.049,
}

/** A market as a formula: every price is known to the test, and every minute differs from the one before. */
export class TestMarket implements MarketFeed {
  /** `asset minuteOpenMs` of candles that do not exist. */
  readonly missing = new Set<string>()

  assets(): readonly string[] {
    return Object.keys(levels)
  }

  priceAt(asset: string, atMs: number): number | undefined {
    const level = levels[asset]
    if (level === undefined) return undefined
    const minutes = atMs / minuteMs
    return level * (1 + 0.01 * Math.sin(minutes / 97) + 0.002 * Math.sin(minutes / 3.1))
  }

  minuteClose(asset: string, minuteOpenMs: number): number | undefined {
    return this.missing.has(`${asset} ${minuteOpenMs}`) ? undefined : this.priceAt(asset, minuteOpenMs + 60_000)
  }
}
