import { counted } from '#core/base/text/counted'
import { dayMs } from '#core/base/time/units'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import type { Horizon } from '#core/synth/prompts/horizon'
import type { GovernanceRefusal } from './governance-error.ts'

type Shares = Readonly<Record<string, number>>

export interface BlendsQuestion {
  readonly asset: string
  readonly horizon: Horizon
  /** Start of the prompts, from included, to excluded; only settled ones have scores. */
  readonly fromMs: number
  readonly toMs: number
  readonly parameters: AssetParameters
  readonly blends: readonly Shares[]
}

export interface PromptTotal {
  /** Names the prompt and the rules of its score. */
  readonly name: string
  readonly startAtMs: number
  readonly total: number
}

/** Replay's part: each blend forecasts the prompts of the journal again, and the validator's rules score it. */
export interface BlendScores {
  scoreBlends(question: BlendsQuestion, signal?: AbortSignal): Promise<readonly (readonly PromptTotal[])[]>
}

export interface FittedBlend {
  readonly members: readonly { readonly model: string; readonly meanAlone: number; readonly share: number }[]
  /** Models without a score on too many of the prompts. */
  readonly leftOut: readonly { readonly model: string; readonly count: number }[]
  /** Of the blend on the same prompts, by the fitted form. */
  readonly mean: number
  readonly count: number
  readonly days: number
}

export type FitOutcome =
  | { readonly ok: true; readonly fitted: FittedBlend }
  | { readonly ok: false; readonly refusal: GovernanceRefusal }

/** With fewer there is nothing to fit; whether the result is any good is for the held-out days to say. */
const leastPrompts = 10
/** A model with scores on fewer of the prompts would decide which prompts count. */
const leastAnswered = 0.9

/**
 * The shares with the lowest mean score. The score of a mixture is a quadratic form in its shares: CRPS is the mean
 * distance to what happened, less half the mean distance between two paths, and in a mixture each pair of models has
 * its share of such pairs of paths. So the scores of each model alone and of each pair half and half determine all
 * others. They come from the scorer itself, whatever the rules are made of.
 */
export async function fitBlend(
  scores: BlendScores,
  models: readonly string[],
  question: Omit<BlendsQuestion, 'blends'>,
  signal?: AbortSignal,
): Promise<FitOutcome> {
  const pairs = models.flatMap((first, i) => models.slice(i + 1).map((second) => [first, second] as const))
  const blends: Shares[] = [
    ...models.map((model) => ({ [model]: 1 })),
    ...pairs.map(([first, second]) => ({ [first]: 0.5, [second]: 0.5 })),
  ]
  const totals = await scores.scoreBlends({ ...question, blends }, signal)
  const most = Math.max(0, ...models.map((_, i) => totals[i]!.length))
  const members = models.filter((_, i) => totals[i]!.length > 0 && totals[i]!.length >= leastAnswered * most)
  const isUsed = (blend: Shares): boolean => Object.keys(blend).every((model) => members.includes(model))
  const used = blends.flatMap((blend, i) => (isUsed(blend) ? [totals[i]!] : []))
  const named = used.map((each) => new Set(each.map(({ name }) => name)))
  const common = (used[0] ?? []).filter(({ name }) => named.every((names) => names.has(name)))
  if (common.length < leastPrompts) {
    return {
      ok: false,
      refusal: {
        code: 'EVIDENCE_MISSING',
        message: `${question.asset} has ${counted(common.length, 'settled prompt')} scored for all of ${members.join(', ') || models.join(', ')} before the held-out days; a fit needs ${leastPrompts}.`,
        hint: 'Let the miner serve for longer, or name fewer models with --models or fewer days with --held-out.',
      },
    }
  }
  const names = new Set(common.map(({ name }) => name))
  const means = used.map((each) => meanOf(each.filter(({ name }) => names.has(name))))
  const alone = means.slice(0, members.length)
  const halves = members.map((_, i) => members.map((__, j) => means[pairAt(members.length, i, j)]!))
  const shares = inHundredths(bestShares({ alone, halves }))
  return {
    ok: true,
    fitted: {
      members: members.map((model, i) => ({ model, meanAlone: alone[i]!, share: shares[i]! })),
      leftOut: models.flatMap((model, i) => (members.includes(model) ? [] : [{ model, count: totals[i]!.length }])),
      mean: scoreOf({ alone, halves }, shares),
      count: common.length,
      days: new Set(common.map(({ startAtMs }) => Math.floor(startAtMs / dayMs))).size,
    },
  }
}

/** Mean scores of each model alone, and of each two half and half. */
export interface MixtureScores {
  readonly alone: readonly number[]
  readonly halves: readonly (readonly number[])[]
}

/** Of any mixture: what its models score, less what each pair of them gains by being different. */
export function scoreOf(scores: MixtureScores, shares: readonly number[]): number {
  return shares.reduce(
    (sum, share, i) =>
      sum +
      share * scores.alone[i]! -
      shares.reduce((gain, other, j) => (j > i ? gain + share * other * distance(scores, i, j) : gain), 0),
    0,
  )
}

/** Half of the energy distance of two models: a mixture with shares a and b gains a * b times this. */
function distance({ alone, halves }: MixtureScores, i: number, j: number): number {
  return i === j ? 0 : 4 * ((alone[i]! + alone[j]!) / 2 - halves[i]![j]!)
}

const mostRounds = 10_000
/** Far below a hundredth of a share. */
const smallestMove = 1e-9

/**
 * Moves weight from the worst to the best place, as far as that helps, until nothing does. Each move is exact, because
 * along it the form is a parabola; and the form is convex, so where no move helps is the lowest point.
 */
export function bestShares(scores: MixtureScores): number[] {
  const count = scores.alone.length
  const shares = scores.alone.map(() => 1 / count)
  for (let round = 0; round < mostRounds; round++) {
    const slopes = shares.map(
      (_, i) => scores.alone[i]! - shares.reduce((sum, share, j) => sum + share * distance(scores, i, j), 0),
    )
    const giving = shares.flatMap((share, i) => (share > 0 ? [i] : []))
    const from = giving.reduce((worst, i) => (slopes[i]! > slopes[worst]! ? i : worst), giving[0]!)
    const to = slopes.reduce((best, slope, i) => (slope < slopes[best]! ? i : best), 0)
    const curvature = 2 * distance(scores, from, to)
    const gain = slopes[from]! - slopes[to]!
    // Two models that forecast alike are no nearer to each other than noise: all or nothing.
    const move = Math.min(curvature > 0 ? gain / curvature : gain > 0 ? 1 : 0, shares[from]!)
    if (!(move > smallestMove)) break
    shares[to] = shares[to]! + move
    shares[from] = move === shares[from] ? 0 : shares[from]! - move
  }
  return shares
}

/** As people read them, and still with a sum of one: the hundredths that are left go to the largest remainders. */
function inHundredths(shares: readonly number[]): number[] {
  const whole = shares.map((share) => Math.floor(share * 100))
  const left = 100 - whole.reduce((sum, share) => sum + share, 0)
  const byRemainder = shares.map((_, i) => i).sort((a, b) => remainder(shares[b]!) - remainder(shares[a]!) || a - b)
  for (const i of byRemainder.slice(0, left)) whole[i] = whole[i]! + 1
  return whole.map((share) => share / 100)
}

function remainder(share: number): number {
  return share * 100 - Math.floor(share * 100)
}

/** The singles come first, then the pairs, row by row. */
function pairAt(count: number, a: number, b: number): number {
  const [i, j] = a < b ? [a, b] : [b, a]
  return a === b ? a : count + i * count - (i * (i + 1)) / 2 + (j - i - 1)
}

function meanOf(totals: readonly PromptTotal[]): number {
  return totals.reduce((sum, { total }) => sum + total, 0) / totals.length
}
