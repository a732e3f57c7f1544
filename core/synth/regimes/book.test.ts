import { describe, expect, it } from 'vitest'
import { AppError } from '#core/base/errors/app-error'
import { buildRegimeBook } from './book.ts'
import { readDefinition } from './read-definition.ts'
import { resolveScoringRules } from './resolve.ts'
import { builtInRegimes } from './table/built-in.ts'
import { findRegime } from './timeline.ts'
import { writtenFormOf } from './written-form.ts'

const withOperator = (...regimes: unknown[]) =>
  buildRegimeBook(builtInRegimes, { fileName: 'regimes.yaml', content: regimes })

function problemsOf(...regimes: unknown[]): string[] {
  try {
    withOperator(...regimes)
  } catch (error) {
    if (error instanceof AppError && error.code === 'REGIME_INVALID') return error.message.split('\n')
    throw error
  }
  return []
}

describe("an operator's regime", () => {
  const tighter = {
    id: '2026-12-01',
    extends: '2026-09-22',
    summary: 'crypto 1h sharper',
    effective: { averageFrom: '2026-12-01T13:00Z' },
    competitions: { 'crypto-1h': { beta: -0.4 } },
  }

  it('says only what it changes', () => {
    const regime = findRegime(withOperator(tighter), '2026-12-01')
    const base = findRegime(withOperator(), '2026-09-22')
    expect(regime).toMatchObject({ origin: 'operator', extends: '2026-09-22', priceSources: base.priceSources })
    expect(regime.competitions.map(({ key, beta }) => [key, beta])).toEqual([
      ['com-equ-24h', -0.15],
      ['crypto-24h', -0.15],
      ['crypto-1h', -0.4],
    ])
  })

  it('may precede the regime that it extends in the file', () => {
    const later = { id: 'later', extends: '2026-12-01', owner: 'equalToSum' }
    expect(findRegime(withOperator(later, tighter), 'later')).toMatchObject({ owner: 'equalToSum' })
  })

  it('may come as a list under "regimes", or not at all', () => {
    const book = buildRegimeBook(builtInRegimes, { fileName: 'r.yaml', content: { regimes: [tighter] } })
    expect(book.byName.has('2026-12-01')).toBe(true)
    expect(buildRegimeBook(builtInRegimes, { fileName: 'r.yaml', content: null }).regimes).toHaveLength(
      builtInRegimes.length,
    )
  })

  it('takes a date for a day whose hour is not known', () => {
    const book = withOperator({ ...tighter, effective: { averageFrom: '2026-12-01' } })
    expect(book.timelines.average.at(-1)).toMatchObject({
      atMs: Date.UTC(2026, 11, 1),
      earliestMs: Date.UTC(2026, 11, 1),
      latestMs: Date.UTC(2026, 11, 2),
    })
  })

  it('adds an asset and drops one', () => {
    const book = withOperator({
      id: 'doge',
      extends: '2026-09-22',
      competitions: { 'crypto-1h': { assets: ['BTC', 'DOGE'] } },
      promptProfiles: {
        high: { assets: ['BTC', 'DOGE'], lanes: [{ assets: ['BTC', 'DOGE'], intervalMinutes: 1, offsetMinutes: 0 }] },
      },
      priceSources: {
        DOGE: { venue: 'binanceSpot', symbol: 'DOGEUSDT', endpoint: 'klines', alternatives: [], until: null },
      },
      external: { vhft: 'remove' },
    })
    expect(findRegime(book, 'doge')).toMatchObject({ external: [], priceSources: { DOGE: { symbol: 'DOGEUSDT' } } })
  })

  it('replaces a tagged choice as a whole', () => {
    const book = withOperator({ id: 'uncapped', extends: '2026-09-22', promptScore: { clip: { kind: 'none' } } })
    expect(findRegime(book, 'uncapped').promptScore).toEqual({ clip: { kind: 'none' }, fill: 'p95Unclipped' })
  })
})

describe('an amendment', () => {
  const exactDay = { amends: '2026-09-cap', effective: { scoreFrom: '2026-09-02T13:00:00Z' } }
  const at = (text: string) => ({ scoringAtMs: Date.parse(text) })

  it('turns an uncertain date into a certain one', () => {
    const before = resolveScoringRules(withOperator(), at('2026-09-10T00:00:00Z'))
    const after = resolveScoringRules(withOperator(exactDay), at('2026-09-10T00:00:00Z'))
    expect(before.decision).toMatchObject({ regimeId: '2026-09-cap', isCertain: false })
    expect(after.decision).toMatchObject({ regimeId: '2026-09-cap', isCertain: true })
    expect(findRegime(withOperator(exactDay), '2026-09-cap').origin).toBe('amended')
  })

  it('reaches the regimes that extend the amended one', () => {
    const book = withOperator({ amends: '2026-06-23', assetCoefficients: { byAsset: { SPCX: 0.5 } } })
    expect(findRegime(book, '2026-07-01').assetCoefficients.byAsset['SPCX']).toBe(0.5)
    expect(findRegime(book, '2026-07-01').gaps.map(({ path }) => path)).not.toContain('assetCoefficients.byAsset.SPCX')
    expect(findRegime(book, '2026-07-07').assetCoefficients.byAsset['SPCX']).toBe(0.4329342627683478)
  })
})

describe('a regime file that does not fit', () => {
  const base = { id: 'mine', extends: '2026-09-22' }

  it.each([
    [
      'an unknown name, with the nearest',
      { ...base, gapmode: 'ordinary' },
      'gapmode is unknown. Did you mean gapMode?',
    ],
    [
      'an unknown name deep inside, with its path',
      { ...base, competitions: { 'crypto-1h': { betta: -1 } } },
      'competitions.crypto-1h.betta is unknown. Did you mean competitions.crypto-1h.beta?',
    ],
    [
      'an unknown name inside a list',
      { ...base, promptProfiles: { high: { lanes: [{ assets: ['BTC'], intervalMinute: 1, offsetMinutes: null }] } } },
      'promptProfiles.high.lanes.0.intervalMinute is unknown. Did you mean promptProfiles.high.lanes.0.intervalMinutes?',
    ],
    [
      'a wrong value',
      { ...base, competitions: { 'crypto-1h': { beta: 0.3 } } },
      'competitions.crypto-1h.beta: beta is below 0',
    ],
    ['a wrong choice', { ...base, owner: 'half' }, 'owner: Invalid option: expected one of "equalToSum"|"none"'],
    [
      'a text for a number',
      { ...base, competitions: { 'crypto-1h': { windowDays: '5' } } },
      'competitions.crypto-1h.windowDays: Invalid input: expected number',
    ],
    [
      'an unknown parent',
      { id: 'mine', extends: '2026-9-22' },
      'extends: 2026-9-22 is not a known regime. Did you mean 2026-09-22?',
    ],
    ['no parent', { id: 'mine' }, '"extends" is missing'],
    ['no id', { extends: '2026-09-22' }, '"id" is missing'],
    ['a taken id', { id: '2026-09-22', extends: '2026-09-cap' }, '2026-09-22 is taken; write "amends: 2026-09-22"'],
    ['a taken alias', { ...base, aliases: ['2026-05'] }, 'mine and 2026-05 both have the name 2026-05'],
    ['an amendment of nothing known', { amends: '2026-09-23' }, '2026-09-23 is not a known regime'],
    [
      'an amendment with an id',
      { amends: '2026-09-22', id: 'x' },
      '"amends" cannot be combined with "id" or "extends"',
    ],
    [
      'a removal of nothing',
      { ...base, priceSources: { DOGE: 'remove' } },
      'priceSources.DOGE: there is nothing to remove',
    ],
    ['a removal where no map is', { ...base, gapMode: 'remove' }, 'gapMode: Invalid option'],
    [
      'a competition with a part missing',
      { ...base, competitions: { extra: { label: 'Extra', assets: ['BTC'] } } },
      'competitions.extra.timeLengthSeconds: is missing',
    ],
    [
      'an asset without prices',
      { ...base, competitions: { 'crypto-1h': { assets: ['BTC', 'DOGE'] } } },
      'competitions.crypto-1h.assets: DOGE has no entry in priceSources',
    ],
    [
      'an asset that nobody asks for',
      { ...base, competitions: { 'crypto-1h': { assets: ['BTC', 'ETH', 'SOL', 'XRP', 'HYPE', 'XAU'] } } },
      'competitions.crypto-1h.assets: XAU is in no prompt profile of 3600 s',
    ],
    [
      'an asset in two competitions',
      { ...base, competitions: { 'com-equ-24h': { assets: ['BTC'] } } },
      'competitions: BTC at 86400 s belongs to com-equ-24h and crypto-24h',
    ],
    [
      'an asset in no lane',
      { ...base, promptProfiles: { high: { lanes: [{ assets: ['BTC'], intervalMinutes: 1, offsetMinutes: null }] } } },
      'promptProfiles.high.lanes: ETH is in no lane',
    ],
    [
      'an interval below one step',
      { ...base, competitions: { 'crypto-1h': { intervals: [{ name: '30s', seconds: 30 }] } } },
      'competitions.crypto-1h: 30s is shorter than one step of 60 s',
    ],
    [
      'blocks that nothing reads',
      { ...base, totalScore: 'price' },
      'competitions.crypto-1h.volatilityBlocks: nothing uses them',
    ],
    [
      'a term without blocks',
      { ...base, competitions: { 'crypto-1h': { volatilityBlocks: [] } } },
      'totalScore: pricePlusVol needs volatilityBlocks',
    ],
    [
      'an instant without a zone',
      { ...base, effective: { scoreFrom: '2026-12-01T00:00:00' } },
      'effective.scoreFrom.at: write a UTC instant',
    ],
    [
      'a day that does not exist',
      { ...base, effective: { scoreFrom: '2026-02-30' } },
      'effective.scoreFrom.at: write a UTC instant',
    ],
    [
      'bounds in the wrong order',
      {
        ...base,
        effective: {
          scoreFrom: {
            at: '2026-12-02T00:00Z',
            certainty: 'estimated',
            earliest: '2026-12-03T00:00Z',
            latest: '2026-12-04T00:00Z',
          },
        },
      },
      'effective.scoreFrom: "earliest", "at" and "latest" must be in this order',
    ],
    [
      'bounds of an exact instant',
      {
        ...base,
        effective: { scoreFrom: { at: '2026-12-02T00:00Z', certainty: 'exact', latest: '2026-12-04T00:00Z' } },
      },
      'effective.scoreFrom: bounds are allowed with "estimated"',
    ],
    [
      'a name of the language',
      JSON.parse('{"id":"mine","extends":"2026-09-22","__proto__":{"owner":"none"}}'),
      '__proto__ is unknown',
    ],
    ['something else than a regime', 7, 'regime 1: '],
  ])('is refused for %s', (_name, regime, sentence) => {
    const problems = problemsOf(regime)
    expect(problems.join('\n')).toContain(sentence)
    for (const problem of problems) expect(problem).toMatch(/^regimes[.]yaml: /)
  })

  it('is refused when it is no list', () => {
    expect(() => buildRegimeBook(builtInRegimes, { fileName: 'r.yaml', content: 'x' })).toThrow(
      /r[.]yaml: the file must hold a list/,
    )
  })

  it('has all its problems reported together, each once', () => {
    const problems = problemsOf(
      { ...base, owner: 'half', gapMode: 'x' },
      { id: 'child', extends: 'mine', route: 'byLength' },
      { id: 'other', extends: 'nobody' },
    )
    expect(problems.map((problem) => problem.split(' ').slice(1, 3).join(' '))).toEqual([
      'mine: gapMode:',
      'mine: owner:',
      'other: extends:',
    ])
  })

  it('has regimes refused that extend each other', () => {
    expect(problemsOf({ id: 'a', extends: 'b' }, { id: 'b', extends: 'a' })).toEqual([
      expect.stringContaining('a: extends: b is not a known regime'),
    ])
  })
})

it('prints every regime in a form that reads back as the same rules', () => {
  for (const regime of withOperator().regimes) {
    const form = writtenFormOf(regime)
    const read = readDefinition(JSON.parse(JSON.stringify({ id: 'copy', extends: '2025-11-10', ...form })))
    if (!read.ok) expect.fail(read.problems.join('\n'))
    expect(read.value.change).toEqual(form)
  }
})
