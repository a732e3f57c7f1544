import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadConfig } from '#core/base/config/load-config'
import { showConfig } from '#core/base/config/show-config'
import { defaultPriceLimits } from '../gates/price-gate.ts'
import { defaultServingFallbacks } from '../venues/serving-fallbacks.ts'
import { MarketConfig, priceLimits, servingFallbacks } from './market-config.ts'

const schema = z.strictObject({ market: MarketConfig.prefault({}) })
const load = (values: unknown = {}, env = {}, argv: string[] = []) =>
  loadConfig({ schema, argv, env, file: { name: 'volcast.yaml', values } })

describe('the settings of prices', () => {
  it('have defaults for everything but keys and folders', () => {
    const { market } = load().config
    expect(priceLimits(market)).toEqual(defaultPriceLimits)
    expect(servingFallbacks(market)).toEqual(defaultServingFallbacks)
    expect(market.binance.baseUrl).toBe('https://api.binance.com')
    expect(market.pythHermes.apiKey).toBeUndefined()
    expect(market.files.dir).toBeUndefined()
  })

  it('take every address and key from the environment, and never show a key', () => {
    const loaded = load(
      {},
      {
        VOLCAST_MARKET_BINANCE_BASE_URL: 'https://data-api.binance.vision',
        VOLCAST_MARKET_PYTH_HERMES_API_KEY: 'key',
        VOLCAST_MARKET_HYPERLIQUID_BASE_URL: 'http://127.0.0.1:8095/hyperliquid',
      },
    )
    expect(loaded.config.market.binance.baseUrl).toBe('https://data-api.binance.vision')
    expect(loaded.config.market.hyperliquid.baseUrl).toBe('http://127.0.0.1:8095/hyperliquid')
    const key = showConfig(loaded).find((line) => line.key === 'market.pythHermes.apiKey')
    expect(key).toMatchObject({ value: '[redacted]', source: 'environment' })
  })

  it('replace the fallbacks of one asset and keep the others', () => {
    const { market } = load({
      market: { fallbacks: { BTC: [], ETH: [{ venue: 'coingecko', symbol: 'ethereum' }] } },
    }).config
    const fallbacks = servingFallbacks(market)
    expect(fallbacks['BTC']).toEqual([])
    expect(fallbacks['ETH']).toEqual([{ venue: 'coingecko', symbol: 'ethereum' }])
    expect(fallbacks['SOL']).toEqual(defaultServingFallbacks['SOL'])
  })

  it.each([
    [{ binance: { baseUrl: 'api.binance.com' } }, /binance[.]baseUrl.*http/],
    [{ binance: { baseUrl: 'ftp://x' } }, /binance[.]baseUrl.*http/],
    [{ binance: { host: 'x' } }, /market[.]binance[.]host is unknown/],
    [{ maxJumpShare: 0 }, /maxJumpShare/],
    [{ fallbacks: { BTC: [{ venue: 'kraken', symbol: 'x' }] } }, /fallbacks/],
    [{ jumpSightings: 1.5 }, /jumpSightings/],
  ])('refuse %j and name it', (market, message) => {
    expect(() => load({ market })).toThrow(message)
  })
})
