import { describe, expect, it } from 'vitest'
import { askedAssets, assetTable } from './asset-table.ts'
import { buildRegimeBook } from './book.ts'
import { builtInRegimes } from './table/built-in.ts'

const bookWith = (...regimes: unknown[]) => buildRegimeBook(builtInRegimes, { fileName: 'r.yaml', content: regimes })
const today = [
  ...['BTC', 'ETH', 'SOL', 'XRP', 'HYPE', 'XAU', 'SP500', 'NVDAX', 'GOOGLX', 'TSLAX', 'AAPLX', 'WTIOIL', 'SPCX'],
]
const withNewCoin = {
  id: 'new-coin',
  extends: '2026-09-22',
  effective: { promptFrom: '2026-11-20T00:00:00Z', scoreFrom: '2026-11-20T00:00:00Z' },
  competitions: { 'crypto-24h': { assets: ['BTC', 'ETH', 'SOL', 'XRP', 'HYPE', 'DOGE'] } },
  promptProfiles: {
    low: {
      assets: [...today, 'DOGE'],
      lanes: [{ assets: [...today, 'DOGE'], intervalMinutes: 1, offsetMinutes: null }],
    },
  },
  priceSources: {
    DOGE: { venue: 'binanceSpot', symbol: 'DOGEUSDT', endpoint: 'klines', until: null, alternatives: [] },
  },
}

describe('the assets of the rules', () => {
  it('are those of this release when the operator adds none', () => {
    expect(askedAssets(bookWith())).toEqual(today)
    expect([...assetTable(bookWith()).keys()]).toEqual([...today, 'SPYX'])
  })

  it("take up an asset of the operator's regime beside those of the release", () => {
    const table = assetTable(bookWith(withNewCoin))
    expect(table.get('DOGE')).toEqual({ isAsked: true, hourlySd: undefined })
    expect(table.get('XAU')?.isAsked).toBe(true)
  })

  it('have the standard deviation of the example miner, else one from their coefficient', () => {
    expect(assetTable(bookWith()).get('BTC')?.hourlySd).toBe(0.00541)
    expect(assetTable(bookWith()).get('SPCX')?.hourlySd).toBe(0.0125)
    const weighed = { ...withNewCoin, effective: { ...withNewCoin.effective, averageFrom: '2026-11-20T00:00:00Z' } }
    const table = assetTable(bookWith({ ...weighed, assetCoefficients: { byAsset: { DOGE: 0.5 } } }))
    expect(table.get('DOGE')?.hourlySd).toBe(0.0108)
  })
})
