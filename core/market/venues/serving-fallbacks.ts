import type { ServingFallbacks } from './router.ts'

/**
 * Other series of the same price, for the minutes in which the scored venue is silent. Only series on the same scale:
 * SP500 has none, because the token on SPY is at about a tenth of the index; SPCX and WTIOIL trade under one name only.
 */
export const defaultServingFallbacks: ServingFallbacks = {
  BTC: [
    { venue: 'hyperliquidPerp', symbol: 'BTC' },
    { venue: 'pythHermes', symbol: 'Crypto.BTC/USD' },
    { venue: 'coingecko', symbol: 'bitcoin' },
  ],
  ETH: [
    { venue: 'hyperliquidPerp', symbol: 'ETH' },
    { venue: 'pythHermes', symbol: 'Crypto.ETH/USD' },
    { venue: 'coingecko', symbol: 'ethereum' },
  ],
  SOL: [
    { venue: 'hyperliquidPerp', symbol: 'SOL' },
    { venue: 'pythHermes', symbol: 'Crypto.SOL/USD' },
    { venue: 'coingecko', symbol: 'solana' },
  ],
  XRP: [
    { venue: 'hyperliquidPerp', symbol: 'XRP' },
    { venue: 'pythHermes', symbol: 'Crypto.XRP/USD' },
    { venue: 'coingecko', symbol: 'ripple' },
  ],
  HYPE: [
    { venue: 'hyperliquidPerp', symbol: 'HYPE' },
    { venue: 'pythHermes', symbol: 'Crypto.HYPE/USD' },
    { venue: 'coingecko', symbol: 'hyperliquid' },
  ],
  XAU: [
    { venue: 'pythHermes', symbol: 'Metal.XAU/USD' },
    { venue: 'pythHermes', symbol: 'Crypto.XAUT/USD' },
    { venue: 'coingecko', symbol: 'tether-gold' },
  ],
  NVDAX: [{ venue: 'pythHermes', symbol: 'Crypto.NVDAX/USD' }],
  TSLAX: [{ venue: 'pythHermes', symbol: 'Crypto.TSLAX/USD' }],
  AAPLX: [{ venue: 'pythHermes', symbol: 'Crypto.AAPLX/USD' }],
  GOOGLX: [{ venue: 'pythHermes', symbol: 'Crypto.GOOGLX/USD' }],
}
