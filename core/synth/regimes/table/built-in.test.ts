import { describe, expect, it } from 'vitest'
import { buildRegimeBook } from '../book.ts'
import { findRegime } from '../timeline.ts'
import { builtInRegimes } from './built-in.ts'

const book = buildRegimeBook(builtInRegimes)
const regime = (name: string) => findRegime(book, name)
const competition = (name: string, key: string) => {
  const found = regime(name).competitions.find((candidate) => candidate.key === key)
  if (found === undefined) throw new Error(`${name} has no ${key}`)
  return found
}
const profile = (name: string, label: string) => {
  const found = regime(name).promptProfiles.find((candidate) => candidate.label === label)
  if (found === undefined) throw new Error(`${name} has no ${label}`)
  return found
}
/** Minutes between two requests for an asset; the subnet's notes speak of assets as well as of processes. */
const minutesPerAsset = (name: string, label: string, asset: string) =>
  profile(name, label)
    .lanes.filter((lane) => lane.assets.includes(asset))
    .map(({ assets, intervalMinutes }) =>
      typeof intervalMinutes === 'number' ? intervalMinutes * assets.length : intervalMinutes,
    )

it('passes its own checks', () => expect(book.regimes.length).toBe(builtInRegimes.length))

it('knows every date of both notes', () => {
  const dates = [
    ...['2025-11-07', '2025-11-10', '2025-11-12', '2025-11-19', '2025-12-01', '2025-12-11', '2025-12-16'],
    ...['2026-01-13', '2026-01-19', '2026-01-20', '2026-01-22', '2026-01-27', '2026-03-11', '2026-04-06'],
    ...['2026-04-10', '2026-04-14', '2026-05', '2026-05-15', '2026-05-26', '2026-05-29'],
    ...['2026-06-03', '2026-06-08', '2026-06-17', '2026-06-23', '2026-07-01', '2026-07-07', '2026-07-16'],
    ...['2026-07-23', '2026-08-vhft', '2026-09-cap', '2026-09-22'],
  ]
  for (const date of dates) expect(book.byName.has(date), date).toBe(true)
})

it('gives every asset of a competition a coefficient of its own', () => {
  for (const { id, competitions, assetCoefficients } of book.regimes) {
    for (const asset of competitions.flatMap(({ assets }) => assets)) {
      // XRP and WTIOIL had theirs from 2026-04-06 on, before anybody asked for them.
      expect(Object.keys(assetCoefficients.byAsset), `${id} ${asset}`).toContain(asset)
    }
  }
})

it('gives the bounds of every uncertain instant', () => {
  for (const { id, effective } of book.regimes) {
    for (const instant of Object.values(effective)) {
      if (instant.certainty === 'estimated') expect(instant.latest, id).toBeDefined()
    }
  }
})

describe('from the note of May 2026', () => {
  it('asks the 1h prompt from 2025-12-02 18:00 UTC on and counts its gaps as ordinary until 2026-03-11', () => {
    expect(regime('2025-12-01').effective.promptFrom?.at).toBe('2025-12-02T18:00:00Z')
    expect(regime('2025-11-19').competitions.map(({ key }) => key)).toEqual(['low'])
    expect(regime('2025-12-01').competitions.map(({ key }) => key)).toEqual(['low', 'high'])
    for (const { id, gapMode } of book.regimes) {
      expect(gapMode, id).toBe(
        book.regimes.indexOf(regime('2026-03-11')) > book.regimes.indexOf(regime(id)) ? 'ordinary' : 'firstChange',
      )
    }
  })

  it('moves beta and window of the 1h prompt', () => {
    const steps = ['2025-12-01', '2025-12-11', '2025-12-16', '2026-05'].map((name) => {
      const { beta, windowDays } = competition(name, 'high')
      return [beta, windowDays]
    })
    expect(steps).toEqual([
      [-0.05, 1],
      [-0.2, 1],
      [-0.2, 3],
      [-0.2, 3],
    ])
  })

  it('prices gold by the spot feed, then the token, then the perp', () => {
    const symbols = ['2025-12-11', '2025-12-16', '2026-07-16', '2026-07-23'].map(
      (name) => regime(name).priceSources['XAU']?.symbol,
    )
    expect(symbols).toEqual(['Metal.XAU/USD', 'Crypto.XAUT/USD', 'Crypto.XAUT/USD', 'xyz:GOLD'])
  })

  it('gives two minutes to answer for three days of January only', () => {
    const seconds = ['2025-12-16', '2026-01-19', '2026-01-20', '2026-01-22'].map(
      (name) => profile(name, 'low').extraSeconds,
    )
    expect(seconds).toEqual([60, 120, 120, 60])
    expect(regime('2026-01-19').answerLateness).toBe('rejectedAfterStart')
    expect(regime('2026-01-20').answerLateness).toBe('notChecked')
  })

  it('launches the equities in two stages', () => {
    const counts = ['2026-01-19', '2026-01-20', '2026-01-27', '2026-04-10'].map(
      (name) => profile(name, 'low').assets.length,
    )
    expect(counts).toEqual([4, 6, 9, 12])
  })

  it('demands the last price from 2026-04-14 on and a witness from May on', () => {
    const settlements = ['2026-04-10', '2026-04-14', '2026-05'].map((name) => regime(name).settlement)
    expect(settlements).toEqual([
      { gateSeconds: 0, witnessSeconds: null, grid: 'exact', lastPrice: 'optional' },
      { gateSeconds: 60, witnessSeconds: null, grid: 'exact', lastPrice: 'required' },
      { gateSeconds: 90, witnessSeconds: 60, grid: 'exact', lastPrice: 'required' },
    ])
  })

  it('starts with the path packed together, on the exact grid from 2025-11-19 on', () => {
    expect(regime('2025-11-12').settlement.grid).toBe('packed')
    expect(regime('2025-11-19').settlement.grid).toBe('exact')
  })
})

describe('from the note of July 2026', () => {
  it('keeps the cadences as announced', () => {
    expect(minutesPerAsset('2026-05', 'low', 'BTC')).toEqual([60])
    expect(minutesPerAsset('2026-05', 'high', 'BTC')).toEqual([10])
    expect(minutesPerAsset('2026-06-03', 'low', 'BTC')).toEqual([48])
    expect(minutesPerAsset('2026-06-03', 'high', 'BTC')).toEqual([15])
    expect(minutesPerAsset('2026-06-17', 'low', 'BTC')).toEqual([36])
    expect(minutesPerAsset('2026-07-01', 'high', 'BTC')).toEqual([10])
    expect(minutesPerAsset('2026-07-07', 'low', 'BTC')).toEqual([4])
    expect(minutesPerAsset('2026-07-07', 'low', 'WTIOIL')).toEqual([12])
    expect(minutesPerAsset('2026-07-07', 'high', 'ETH')).toEqual([5])
    expect(minutesPerAsset('2026-07-16', 'high', 'HYPE')).toEqual([1])
  })

  it('splits into three competitions with a third each', () => {
    const all = regime('2026-06-23').competitions.map(({ label, slug, windowDays, beta, coefficient, assets }) => ({
      label,
      slug,
      windowDays,
      beta,
      share: [coefficient.numerator, coefficient.denominator],
      assets: assets.length,
    }))
    expect(all).toEqual([
      { label: 'Commodities/Equities 24h', slug: 'com-equ-24h', windowDays: 10, beta: -0.15, share: [1, 3], assets: 8 },
      { label: 'Crypto 24h', slug: 'crypto-24h', windowDays: 10, beta: -0.15, share: [1, 3], assets: 5 },
      { label: 'Crypto 1h', slug: 'crypto-1h', windowDays: 5, beta: -0.3, share: [1, 3], assets: 5 },
    ])
    expect(regime('2026-06-17').route).toBe('byLength')
    expect(regime('2026-06-23').route).toBe('byLengthAndAsset')
  })

  it('does not invent the first coefficient of SPCX', () => {
    expect(regime('2026-06-23').assetCoefficients.byAsset['SPCX']).toBe('unknown')
    expect(regime('2026-07-01').gaps.map(({ path }) => path)).toContain('assetCoefficients.byAsset.SPCX')
    expect(regime('2026-07-07').assetCoefficients.byAsset['SPCX']).toBe(0.4329342627683478)
    expect(regime('2026-07-07').gaps.map(({ path }) => path)).not.toContain('assetCoefficients.byAsset.SPCX')
  })

  it('changes clip, fill and digit rule on 2026-07-16, the clip again with v1.12.0', () => {
    expect(regime('2026-07-07').promptScore).toEqual({ clip: { kind: 'p90' }, fill: 'p90' })
    expect(regime('2026-07-16').promptScore).toEqual({ clip: { kind: 'none' }, fill: 'p95' })
    expect(regime('2026-09-cap').promptScore).toEqual({
      clip: { kind: 'medianMultiple', multiple: 10 },
      fill: 'p95Unclipped',
    })
    expect([regime('2026-07-07').answerRule, regime('2026-07-07').answerOrder]).toEqual(['chars8', 'pathByPath'])
    expect([regime('2026-07-16').answerRule, regime('2026-07-16').answerOrder]).toEqual(['sigDigits8', 'shapesFirst'])
    expect([regime('2026-07-23').nonFinite, regime('2026-09-cap').nonFinite]).toEqual(['nanOnly', 'all'])
  })

  it('moves all prices off Pyth but those of SPYX prompts still open', () => {
    const venues = Object.entries(regime('2026-07-23').priceSources)
    expect(venues.filter(([, source]) => source.venue.startsWith('pyth')).map(([asset]) => asset)).toEqual(['SPYX'])
    expect(regime('2026-07-23').priceSources['SPYX']?.until).not.toBeNull()
    expect(regime('2026-09-22').priceSources['SPYX']).toBeUndefined()
    expect([regime('2026-07-16').owner, regime('2026-07-23').owner]).toEqual(['equalToSum', 'none'])
  })

  it('asks for SP500 in the place of SPYX', () => {
    const [before, after] = ['2026-07-16', '2026-07-23'].map((name) => profile(name, 'low').assets)
    expect(after).toEqual(before?.map((asset) => (asset === 'SPYX' ? 'SP500' : asset)))
  })

  it('adds the volatility term to the 1h score only, on 2026-09-22', () => {
    expect(regime('2026-09-cap').totalScore).toBe('price')
    expect(regime('2026-09-22').totalScore).toBe('pricePlusVol')
    expect(competition('2026-09-22', 'crypto-24h').volatilityBlocks).toEqual([])
    expect(
      competition('2026-09-22', 'crypto-1h').volatilityBlocks.map(
        (block) => block.weightNumerator / block.weightDenominator,
      ),
    ).toEqual([1.75, 0.4375, 0.14583333333333334])
  })

  it('sharpens the external competition twice', () => {
    const betas = ['2026-07-23', '2026-08-vhft', '2026-08-vhft-b2', '2026-09-vhft-b4', '2026-09-22'].map((name) =>
      regime(name).external.map(({ beta }) => beta),
    )
    expect(betas).toEqual([[], [-0.25], [-2], [-4], [-4]])
  })
})
