import { describe, expect, it } from 'vitest'
import { buildRegimeBook } from './book.ts'
import { resolveAverageRules, resolvePromptRules, resolveScoringRules } from './resolve.ts'
import { builtInRegimes } from './table/built-in.ts'

const book = buildRegimeBook(builtInRegimes)
const ms = (text: string) => Date.parse(text)
const prompt = (text: string) => resolvePromptRules(book, { answerAtMs: ms(text) })
const scoring = (text: string) => resolveScoringRules(book, { scoringAtMs: ms(text) })
const average = (text: string) => resolveAverageRules(book, { updateAtMs: ms(text) })

it('decides the three steps by three different times', () => {
  const at = '2026-07-06T12:00:00Z'
  expect(prompt(at).decision.regimeId).toBe('2026-07-01')
  expect(prompt(at).answer.decision.regimeId).toBe('2026-06-08')
  expect(scoring(at).decision.regimeId).toBe('2026-06-23')
  expect(average(at).decision.regimeId).toBe('2026-06-23')
})

it('switches at the very instant of an exact date', () => {
  expect(prompt('2026-07-07T12:59:59.999Z').decision).toEqual({
    regimeId: '2026-07-01',
    isCertain: true,
    candidates: ['2026-07-01'],
    basis: 'date',
  })
  expect(prompt('2026-07-07T13:00:00Z').decision).toEqual({
    regimeId: '2026-07-07',
    isCertain: true,
    candidates: ['2026-07-07'],
    basis: 'date',
  })
})

it('is in doubt for the whole of a day whose hour is not known', () => {
  expect(scoring('2026-07-15T23:59:59Z').decision).toMatchObject({ regimeId: '2026-06-23', isCertain: true })
  expect(scoring('2026-07-16T23:59:59Z').decision).toMatchObject({
    regimeId: '2026-07-16',
    isCertain: false,
    candidates: ['2026-06-23', '2026-07-16'],
  })
})

it('is in doubt before and after an estimated date', () => {
  expect(scoring('2026-08-26T00:00:00Z').decision).toMatchObject({
    regimeId: '2026-07-23',
    candidates: ['2026-07-23', '2026-09-cap'],
    isCertain: false,
  })
  expect(scoring('2026-09-10T00:00:00Z').decision).toMatchObject({
    regimeId: '2026-09-cap',
    candidates: ['2026-07-23', '2026-09-cap'],
    isCertain: false,
  })
})

it('is sure today', () => {
  const today = '2026-11-21T00:00:00Z'
  expect(prompt(today).decision).toMatchObject({ regimeId: '2026-07-23', isCertain: true })
  expect(prompt(today).answer.decision).toMatchObject({ regimeId: '2026-07-16', isCertain: true })
  expect(scoring(today).decision).toMatchObject({ regimeId: '2026-09-22', isCertain: true })
  expect(average(today).decision).toMatchObject({ regimeId: '2026-09-vhft-b4', isCertain: true })
})

it('takes the named regime whatever the date, by id or by alias', () => {
  const rules = resolveScoringRules(book, { scoringAtMs: ms('2026-11-01T00:00:00Z'), regime: '2026-05-15' })
  expect(rules.decision).toEqual({ regimeId: '2026-05', isCertain: true, candidates: ['2026-05'], basis: 'override' })
  expect(rules.promptScore.fill).toBe('p90')
})

it('names the nearest regime and all known ones for a name it does not know', () => {
  const ask = () => resolveScoringRules(book, { scoringAtMs: 0, regime: '2026-09-cpa' })
  expect(ask).toThrow(
    /"2026-09-cpa" is not a known regime[.] Did you mean 2026-09-cap[?] Known: 2025-11-10, .*2026-09-22[.]/,
  )
})

it('knows nothing before its first regime and says from when on', () => {
  expect(() => scoring('2025-11-10T20:33:59Z')).toThrow(/the first is 2025-11-10, from 2025-11-10T20:34:00Z/)
})

describe('what is not known about the rules', () => {
  const paths = (rules: { gaps: readonly { path: string }[] }) => rules.gaps.map(({ path }) => path)

  it('stands beside the step that reads it', () => {
    const at = '2026-06-25T00:00:00Z'
    expect(paths(average(at))).toContain('assetCoefficients.byAsset.SPCX')
    expect(paths(average(at))).toContain('competitions.crypto-1h.beta')
    expect(paths(scoring(at))).toEqual(['priceSources.SPCX'])
    expect(paths(prompt(at))).toEqual(['promptProfiles.low.assets'])
    expect(paths(prompt(at).answer)).toEqual(['storage.rounding'])
  })

  it('ends where a later regime settles it', () => {
    expect(paths(average('2026-07-20T00:00:00Z'))).not.toContain('competitions.crypto-1h.beta')
  })
})
