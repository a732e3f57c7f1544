/** The names of our assets at the venues: the same series that the network has used, and those of the fallbacks. */
export const standInVenues = [
  'pythHermes',
  'pythBenchmarks',
  'pythPro',
  'binanceSpot',
  'hyperliquid',
  'synthApi',
  'coingecko',
] as const

export type StandInVenue = (typeof standInVenues)[number]

interface Names {
  readonly binance?: string
  readonly hyperliquid?: readonly string[]
  readonly pyth?: readonly string[]
  readonly coingecko?: string
}

const namesByAsset: Readonly<Record<string, Names>> = {
  BTC: { binance: 'BTCUSDT', hyperliquid: ['BTC'], pyth: ['Crypto.BTC/USD'], coingecko: 'bitcoin' },
  ETH: { binance: 'ETHUSDT', hyperliquid: ['ETH'], pyth: ['Crypto.ETH/USD'], coingecko: 'ethereum' },
  SOL: { binance: 'SOLUSDT', hyperliquid: ['SOL'], pyth: ['Crypto.SOL/USD'], coingecko: 'solana' },
  XRP: { binance: 'XRPUSDT', hyperliquid: ['XRP'], pyth: ['Crypto.XRP/USD'], coingecko: 'ripple' },
  HYPE: { hyperliquid: ['@107', 'HYPE'], pyth: ['Crypto.HYPE/USD'], coingecko: 'hyperliquid' },
  XAU: { hyperliquid: ['xyz:GOLD'], pyth: ['Crypto.XAUT/USD', 'Metal.XAU/USD'], coingecko: 'tether-gold' },
  SPYX: { pyth: ['Crypto.SPYX/USD'] },
  NVDAX: { hyperliquid: ['xyz:NVDA'], pyth: ['Crypto.NVDAX/USD'] },
  TSLAX: { hyperliquid: ['xyz:TSLA'], pyth: ['Crypto.TSLAX/USD'] },
  AAPLX: { hyperliquid: ['xyz:AAPL'], pyth: ['Crypto.AAPLX/USD'] },
  GOOGLX: { hyperliquid: ['xyz:GOOGL'], pyth: ['Crypto.GOOGLX/USD'] },
  SP500: { hyperliquid: ['xyz:SP500'] },
  SPCX: { hyperliquid: ['xyz:SPCX'], pyth: ['Pyth.HL.SPCX/USDC'] },
  WTIOIL: { hyperliquid: ['xyz:CL'] },
}

export const standInAssets: readonly string[] = Object.keys(namesByAsset)

/** Of an asset that the network does not have yet: as the venues name nearly every coin. */
function usualNames(asset: string): Names {
  return { binance: `${asset}USDT`, hyperliquid: [asset], pyth: [`Crypto.${asset}/USD`] }
}

/** Symbol to asset, for one kind of venue, of the assets that the market has. */
export function symbolsOf(kind: keyof Names, assets: readonly string[]): ReadonlyMap<string, string> {
  const symbols = new Map<string, string>()
  for (const asset of assets) {
    const names = (Object.hasOwn(namesByAsset, asset) ? namesByAsset[asset] : usualNames(asset))?.[kind]
    for (const name of typeof names === 'string' ? [names] : (names ?? [])) symbols.set(name, asset)
  }
  return symbols
}
