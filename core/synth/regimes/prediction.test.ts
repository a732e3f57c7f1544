import { describe, expect, it } from 'vitest'
import { daySeconds, hourSeconds } from '#core/base/time/units'
import { buildRegimeBook } from './book.ts'
import { coefficientOf, findPriceSource, knownCoefficientOf, resolvePrediction } from './prediction.ts'
import { builtInRegimes } from './table/built-in.ts'
import { findRegime } from './timeline.ts'

const book = buildRegimeBook(builtInRegimes)
const resolve = (asset: string, timeLengthSeconds: number, startAt: string, regime?: string) =>
  resolvePrediction(book, { asset, timeLengthSeconds, startAtMs: Date.parse(startAt), regime })

it('scores a 24h prompt of the day before by the rules of the day of its scoring', () => {
  const rules = resolve('BTC', daySeconds, '2026-09-21T12:00:00Z')
  expect(rules.scoring.scoringAtMs).toBe(Date.parse('2026-09-22T12:01:30Z'))
  expect(rules.scoring.decision.regimeId).toBe('2026-09-22')
  expect(rules.prompt.decision.regimeId).toBe('2026-07-23')
  expect(rules.answer.decision.regimeId).toBe('2026-07-16')
})

it('takes the feed of the scoring side for a prompt that straddles its change', () => {
  expect(resolve('BTC', daySeconds, '2026-07-16T00:00:00Z').scoring.priceSource.venue).toBe('pythBenchmarks')
  const after = resolve('BTC', daySeconds, '2026-07-23T12:00:00Z')
  expect(after.prompt.decision).toMatchObject({ regimeId: '2026-07-23', isCertain: false })
  expect(after.scoring).toMatchObject({
    priceSource: { venue: 'binanceSpot', symbol: 'BTCUSDT' },
    decision: { regimeId: '2026-07-23', isCertain: true },
  })
})

it('waits as long before scoring as the rules of that time do', () => {
  const due = (startAt: string) =>
    resolve('BTC', hourSeconds, startAt).scoring.scoringAtMs - Date.parse(startAt) - hourSeconds * 1000
  expect([due('2026-04-01T00:00:00Z'), due('2026-04-20T00:00:00Z'), due('2026-06-01T00:00:00Z')]).toEqual([
    0, 60_000, 90_000,
  ])
})

it('follows the times it is given', () => {
  const rules = resolvePrediction(book, {
    asset: 'BTC',
    timeLengthSeconds: hourSeconds,
    startAtMs: Date.parse('2026-07-15T12:00:00Z'),
    answerAtMs: Date.parse('2026-07-15T11:59:20Z'),
    scoringAtMs: Date.parse('2026-07-18T00:00:00Z'),
    updateAtMs: Date.parse('2026-08-01T00:00:00Z'),
  })
  expect(rules.answer.decision.regimeId).toBe('2026-06-08')
  expect(rules.scoring.promptScore.fill).toBe('p95')
  expect(rules.average.owner).toBe('none')
})

describe('a doubtful date', () => {
  it('is settled by an asset that only one of the regimes asks for', () => {
    const rules = resolve('SP500', daySeconds, '2026-07-19T00:00:00Z')
    expect(rules.prompt.decision).toEqual({
      regimeId: '2026-07-23',
      candidates: ['2026-07-23'],
      isCertain: true,
      basis: 'prediction',
    })
    expect(rules.scoring.priceSource.symbol).toBe('xyz:SP500')
  })

  it('does not matter where all regimes say the same about the prediction', () => {
    const wti = resolve('WTIOIL', daySeconds, '2026-07-20T00:00:00Z')
    expect(wti.scoring.decision).toMatchObject({ isCertain: true, candidates: ['2026-07-16', '2026-07-23'] })
    const gold = resolve('XAU', daySeconds, '2026-07-20T00:00:00Z')
    expect(gold.scoring.decision).toMatchObject({ isCertain: false, candidates: ['2026-07-16', '2026-07-23'] })
  })

  it('does not matter to a 24h score on the day of the volatility term', () => {
    expect(resolve('BTC', daySeconds, '2026-09-21T12:00:00Z').scoring.decision.isCertain).toBe(true)
    expect(resolve('BTC', hourSeconds, '2026-09-22T12:00:00Z').scoring.decision.isCertain).toBe(false)
  })
})

it('gives the volatility blocks to the 1h score only', () => {
  const [one, other] = [hourSeconds, daySeconds].map((length) => resolve('ETH', length, '2026-10-01T00:00:00Z').scoring)
  expect([one?.totalScore, one?.competition.volatilityBlocks.length]).toEqual(['pricePlusVol', 3])
  expect([other?.totalScore, other?.competition.volatilityBlocks.length]).toEqual(['price', 0])
})

it('finds the competition by length and asset', () => {
  const keys = (['XAU', 'BTC'] as const).map(
    (asset) => resolve(asset, daySeconds, '2026-10-01T00:00:00Z').average.competition.key,
  )
  expect(keys).toEqual(['com-equ-24h', 'crypto-24h'])
  expect(resolve('XAU', hourSeconds, '2026-06-01T00:00:00Z').average.competition.key).toBe('high')
})

it('speaks only of gaps that touch the prediction', () => {
  const paths = (asset: string) =>
    resolve(asset, daySeconds, '2026-06-25T00:00:00Z').average.gaps.map(({ path }) => path)
  expect(paths('SPCX')).toContain('assetCoefficients.byAsset.SPCX')
  expect(paths('SPCX')).toContain('competitions.com-equ-24h.beta')
  expect(paths('BTC')).not.toContain('assetCoefficients.byAsset.SPCX')
  expect(paths('BTC')).not.toContain('competitions.com-equ-24h.beta')
})

describe('a question that no rule answers', () => {
  it('names the known lengths', () => {
    expect(() => resolve('BTC', 7200, '2026-10-01T00:00:00Z')).toThrow(
      'No prompt of 7200 s exists under 2026-07-23. Nearest: 3600. Known: 86400 (24 h), 3600 (1 h).',
    )
  })

  it('names the known assets and the nearest', () => {
    expect(() => resolve('SP50', daySeconds, '2026-10-01T00:00:00Z')).toThrow(
      'SP50 is not asked for at 86400 s under 2026-07-23. Did you mean SP500? Known: BTC, ETH, SOL, XRP, HYPE, XAU, SP500, NVDAX, GOOGLX, TSLAX, AAPLX, WTIOIL, SPCX.',
    )
    expect(() => resolve('XRP', hourSeconds, '2026-06-01T00:00:00Z')).toThrow(
      /XRP is not asked for at 3600 s under 2026-05[.]/,
    )
  })

  it('names the known lengths for rules that knew one only', () => {
    expect(() => resolve('BTC', hourSeconds, '2025-11-15T00:00:00Z')).toThrow(/Known: 86400 [(]24 h[)][.]$/)
  })
})

describe('a retiring price source', () => {
  const rules = findRegime(book, '2026-07-23')

  it('serves prompts from before the change only', () => {
    expect(findPriceSource(rules, 'SPYX', Date.parse('2026-07-17T00:00:00Z'))?.venue).toBe('pythPro')
    expect(findPriceSource(rules, 'SPYX', Date.parse('2026-07-24T00:00:00Z'))).toBeUndefined()
  })

  it('is no name of the language', () => expect(findPriceSource(rules, 'constructor', 0)).toBeUndefined())
})

describe('an asset coefficient', () => {
  it('is that of other assets when the asset has none', () => {
    expect(coefficientOf(findRegime(book, '2026-09-22'), 'DOGE')).toBe(1)
    expect(coefficientOf(findRegime(book, '2026-09-22'), 'constructor')).toBe(1)
  })

  it('is refused, not guessed, when it was never published', () => {
    const rules = { ...findRegime(book, '2026-07-01'), regimeId: '2026-07-01' }
    expect(coefficientOf(rules, 'SPCX')).toBe('unknown')
    expect(() => knownCoefficientOf(rules, 'SPCX')).toThrow(/coefficient of SPCX .* 2026-07-01/)
    expect(knownCoefficientOf(rules, 'BTC')).toBe(1)
  })
})
