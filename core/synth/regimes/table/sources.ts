import type { EffectiveInstant, PriceSource, PriceVenue, RegimeSource } from '../regime.ts'

export function pythBenchmarks(symbol: string, alternatives: readonly PriceVenue[] = []): PriceSource {
  return { venue: 'pythBenchmarks', symbol, endpoint: 'tradingViewHistory', alternatives, until: null }
}

export function pythPro(symbol: string, until: EffectiveInstant | null = null): PriceSource {
  return { venue: 'pythPro', symbol, endpoint: 'tradingViewHistory', alternatives: [], until }
}

export function binanceSpot(symbol: string): PriceSource {
  return { venue: 'binanceSpot', symbol, endpoint: 'klines', alternatives: [], until: null }
}

export function hyperliquidSpot(symbol: string): PriceSource {
  return { venue: 'hyperliquidSpot', symbol, endpoint: 'candleSnapshot', alternatives: [], until: null }
}

export function hyperliquidPerp(symbol: string): PriceSource {
  return { venue: 'hyperliquidPerp', symbol, endpoint: 'candleSnapshot', alternatives: [], until: null }
}

/** Until spring 2026 the subnet's code was here, with its whole history. */
export const oldHome = (evidence: string, ...commits: readonly string[]): RegimeSource => ({
  repository: 'mode-network/synth-subnet',
  evidence,
  commits,
})

/** Since June 2026 single files of it are public in several versions; the history is not. */
export const newHome = (evidence: string, ...commits: readonly string[]): RegimeSource => ({
  repository: 'synthdataco/synth-subnet',
  evidence,
  commits,
})
