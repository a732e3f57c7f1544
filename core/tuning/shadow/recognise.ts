import type { RegimeBook } from '#core/synth/regimes/book'
import type { PromptScoreRule } from '#core/synth/regimes/regime'
import { medianOf } from '#core/synth/scoring/median'
import { missedScore, type PromptScores, scorePrompt } from '#core/synth/scoring/prompt-scores'

/** One miner's line of a prompt in the public API; a `crps` of -1 is a miss. */
export interface FieldScore {
  readonly crps: number
  readonly promptScore: number
}

export interface KnownPromptScoreRule extends PromptScoreRule {
  /** The regimes with this rule, in the order of the book. */
  readonly regimeIds: readonly string[]
}

export interface RuleMismatch {
  readonly rule: KnownPromptScoreRule
  /** Lines that the rule does not explain, by kind. */
  readonly misses: number
  readonly answers: number
  /** The first of them. */
  readonly first: { readonly index: number; readonly published: number; readonly expected: number }
}

export interface Recognition {
  /** `several`: the scores cannot tell them apart, for instance when nobody missed and nobody was clipped. */
  readonly kind: 'one' | 'several' | 'none'
  readonly rules: readonly KnownPromptScoreRule[]
  /** The number of decimals of the published numbers; null when they are not rounded. */
  readonly crpsDecimals: number | null
  readonly promptScoreDecimals: number | null
  /** Why the other rules do not match; an alarm shows this when none does. */
  readonly mismatches: readonly RuleMismatch[]
}

/** The distinct ways in the book to turn raw scores into prompt scores. */
export function knownPromptScoreRules(book: RegimeBook): KnownPromptScoreRule[] {
  const byText = new Map<string, { rule: PromptScoreRule; regimeIds: string[] }>()
  for (const { id, promptScore } of book.regimes) {
    const text = JSON.stringify(promptScore)
    const known = byText.get(text)
    if (known === undefined) byText.set(text, { rule: promptScore, regimeIds: [id] })
    else known.regimeIds.push(id)
  }
  return [...byText.values()].map(({ rule, regimeIds }) => ({ ...rule, regimeIds }))
}

/**
 * Which known rule explains the published prompt scores of all miners of one prompt. Numbers that all have few decimals
 * are treated as rounded, others as exact.
 */
export function recogniseRule(field: readonly FieldScore[], rules: readonly KnownPromptScoreRule[]): Recognition {
  const crpsDecimals = shownDecimals(field.map(({ crps }) => crps))
  const promptScoreDecimals = shownDecimals(field.map(({ promptScore }) => promptScore))
  const halfUnits = { crps: halfUnitOf(crpsDecimals), promptScore: halfUnitOf(promptScoreDecimals) }
  const explained: KnownPromptScoreRule[] = []
  const mismatches: RuleMismatch[] = []
  for (const rule of rules) {
    const mismatch = findMismatch(field, rule, halfUnits)
    if (mismatch === null) explained.push(rule)
    else mismatches.push({ rule, ...mismatch })
  }
  const kind = explained.length === 0 ? 'none' : explained.length === 1 ? 'one' : 'several'
  return { kind, rules: explained, crpsDecimals, promptScoreDecimals, mismatches }
}

/** Half of the last decimal that a column shows; 0 when it is not rounded. */
interface HalfUnits {
  readonly crps: number
  readonly promptScore: number
}

const halfUnitOf = (decimals: number | null): number => (decimals === null ? 0 : 0.5 * 10 ** -decimals)

function findMismatch(
  field: readonly FieldScore[],
  rule: PromptScoreRule,
  halfUnits: HalfUnits,
): Omit<RuleMismatch, 'rule'> | null {
  const expected = scorePrompt(
    field.map(({ crps }) => crps),
    rule,
  )
  // No miner has a score: the validator stores nothing, so nothing contradicts any rule.
  if (expected === null) return null
  if (isOnTheCap(field, rule, halfUnits.crps)) return null
  const wrong = field.flatMap(({ crps, promptScore }, index) => {
    const allowed = tolerance(crps, index, expected, rule, halfUnits)
    const difference = Math.abs(promptScore - expected.promptScores[index]!)
    return difference <= allowed ? [] : [{ index, isMiss: crps === missedScore }]
  })
  const first = wrong[0]
  if (first === undefined) return null
  const misses = wrong.filter(({ isMiss }) => isMiss).length
  return {
    misses,
    answers: wrong.length - misses,
    first: {
      index: first.index,
      published: field[first.index]!.promptScore,
      expected: expected.promptScores[first.index]!,
    },
  }
}

/** Rounded numbers do not show on which side of the cap a score was, and so whether it counted for the fill. */
function isOnTheCap(field: readonly FieldScore[], { clip }: PromptScoreRule, halfUnit: number): boolean {
  if (halfUnit === 0 || clip.kind !== 'medianMultiple') return false
  const valid = field.map(({ crps }) => crps).filter((crps) => crps !== missedScore)
  const cap = clip.multiple * medianOf(valid)
  return valid.some((crps) => Math.abs(crps - cap) <= (clip.multiple + 1) * halfUnit)
}

/** Four half units of the last place. */
const lastBits = 2 ** -51

/**
 * How far a published prompt score may differ from ours. It is a raw score, a cap or a fill, minus the lowest. With raw
 * scores rounded by up to u, the raw score, a percentile and the lowest are each wrong by at most u, and a multiple of
 * the median by that multiple of u. The published difference is rounded by its own v. To this comes the rounding of the
 * percentile and of the subtraction, two operations each, whose last bit may differ in another library.
 */
function tolerance(
  crps: number,
  index: number,
  expected: PromptScores,
  rule: PromptScoreRule,
  halfUnits: HalfUnits,
): number {
  const isAtCap = rule.clip.kind === 'medianMultiple' && expected.wasCapped?.[index] === true
  const units = (isAtCap && rule.clip.kind === 'medianMultiple' ? rule.clip.multiple : 1) + 1
  const minuend = crps === missedScore ? expected.percentile : crps
  return (
    units * halfUnits.crps +
    halfUnits.promptScore +
    lastBits * (Math.min(Math.abs(minuend), largest(expected)) + Math.abs(expected.lowestScore))
  )
}

function largest({ promptScores, lowestScore }: PromptScores): number {
  return promptScores.reduce((most, score) => Math.max(most, score), 0) + Math.abs(lowestScore)
}

/** The number of decimals of all numbers; null when they look like unrounded doubles. */
function shownDecimals(values: readonly number[]): number | null {
  const decimals = values.reduce((most, value) => Math.max(most, decimalsOf(value)), 0)
  // An unrounded score of some thousands shows 11 to 13 decimals; services round to at most 8.
  return decimals > 8 ? null : decimals
}

function decimalsOf(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e')
  const digits = mantissa.split('.')[1]?.length ?? 0
  return Math.max(0, digits - Number(exponent))
}
