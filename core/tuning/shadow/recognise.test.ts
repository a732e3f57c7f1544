import { describe, expect, it } from 'vitest'
import { buildRegimeBook } from '#core/synth/regimes/book'
import type { PromptScoreRule } from '#core/synth/regimes/regime'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { scorePrompt } from '#core/synth/scoring/prompt-scores'
import { type FieldScore, knownPromptScoreRules, recogniseRule } from './recognise.ts'

const rules = knownPromptScoreRules(buildRegimeBook(builtInRegimes))
const [p90, p95, clipped] = rules
if (p90 === undefined || p95 === undefined || clipped === undefined) throw new Error('three rules expected')

function fieldUnder(rule: PromptScoreRule, scores: readonly number[]): FieldScore[] {
  const result = scorePrompt(scores, rule)
  if (result === null) throw new Error('nobody has a score')
  return scores.map((crps, index) => ({ crps, promptScore: result.promptScores[index]! }))
}

const roundTo = (field: readonly FieldScore[], decimals: number): FieldScore[] =>
  field.map(({ crps, promptScore }) => ({
    crps: Number(crps.toFixed(decimals)),
    promptScore: Number(promptScore.toFixed(decimals)),
  }))

const usual = [4012.123456789, 3987.5571234, 4100.987654321, -1, 4055.111111, 3991.2, 4700.333333, -1, 4021.7, 5120.25]
const withGarbage = [...usual, 123_456_789.125]

it('knows three rules and which regimes follow them', () => {
  expect(rules.map(({ clip, fill }) => [clip.kind, fill])).toEqual([
    ['p90', 'p90'],
    ['none', 'p95'],
    ['medianMultiple', 'p95Unclipped'],
  ])
  expect(p90.regimeIds.at(-1)).toBe('2026-07-07')
  expect(p95.regimeIds.at(0)).toBe('2026-07-16')
  expect(clipped.regimeIds).toEqual(['2026-09-cap', '2026-09-vhft-b4', '2026-09-22'])
})

it('recognises the rule of a field with misses and garbage', () => {
  for (const rule of rules) {
    expect(recogniseRule(fieldUnder(rule, withGarbage), rules)).toMatchObject({ kind: 'one', rules: [rule] })
  }
})

it('cannot tell the newer two apart while nobody is beyond ten medians', () => {
  expect(recogniseRule(fieldUnder(clipped, usual), rules)).toMatchObject({ kind: 'several', rules: [p95, clipped] })
})

it('cannot tell any apart in a field of one', () => {
  expect(recogniseRule([{ crps: 5, promptScore: 0 }], rules)).toMatchObject({ kind: 'several', rules })
})

it('has nothing against any rule when everybody missed', () => {
  const nobody = [
    { crps: -1, promptScore: 0 },
    { crps: -1, promptScore: 0 },
  ]
  expect(recogniseRule(nobody, rules).kind).toBe('several')
})

describe('a rule it does not know', () => {
  it('shows in misses that cost something else', () => {
    const field = fieldUnder({ clip: { kind: 'none' }, fill: 'p90' }, withGarbage)
    const result = recogniseRule(field, rules)
    expect(result).toMatchObject({ kind: 'none', rules: [] })
    expect(result.mismatches.map(({ misses, answers }) => [misses, answers])).toEqual([
      [0, 1],
      [2, 0],
      [2, 1],
    ])
  })

  it('shows in answers that cost something else', () => {
    const field = fieldUnder({ clip: { kind: 'medianMultiple', multiple: 12 }, fill: 'p95Unclipped' }, withGarbage)
    expect(recogniseRule(field, rules)).toMatchObject({ kind: 'none' })
  })

  it('shows in a single number that is off by a millionth', () => {
    const field = fieldUnder(p95, usual).map((line, index) =>
      index === 2 ? { ...line, promptScore: line.promptScore * (1 + 1e-6) } : line,
    )
    const { kind, mismatches } = recogniseRule(field, rules)
    expect(kind).toBe('none')
    expect(mismatches[1]).toMatchObject({ misses: 0, answers: 1, first: { index: 2 } })
  })
})

describe('rounded numbers', () => {
  it.each([6, 4, 2])('of %i decimals still show their rule', (decimals) => {
    for (const rule of rules) {
      expect(recogniseRule(roundTo(fieldUnder(rule, withGarbage), decimals), rules)).toMatchObject({
        kind: 'one',
        rules: [rule],
        crpsDecimals: decimals,
        promptScoreDecimals: decimals,
      })
    }
  })

  it('still show a rule nobody knows', () => {
    const field = roundTo(fieldUnder({ clip: { kind: 'none' }, fill: 'p90' }, withGarbage), 3)
    expect(recogniseRule(field, rules).kind).toBe('none')
  })

  it('do not decide about a score that stood at the cap', () => {
    const atCap = [100, 100, 100.04, 100, 1000.0004, -1]
    const field = roundTo(fieldUnder(clipped, atCap), 2)
    expect(recogniseRule(field, rules).rules).toContain(clipped)
  })
})
