import { dayMs } from '#core/base/time/units'
import type { RegimeBook } from '#core/synth/regimes/book'
import { coefficientOf, resolvePrediction } from '#core/synth/regimes/prediction'
import type { PromptScoreRule } from '#core/synth/regimes/regime'
import { type AveragedCompetition, type AverageRules, resolveAverageRules } from '#core/synth/regimes/resolve'
import { type FieldPrompt, inSavedOrder, startMsOf } from './field.ts'
import { minerIdAt, type UidRegistrations } from './hands.ts'
import { type PreparedField, prepareField, type UnrecordedRule } from './prepared-field.ts'
import { type PromptRank, rankPrompt } from './rank.ts'
import { type SimulatedWeight, simulateUpdate } from './simulate-weights.ts'

export interface ShadowReport {
  readonly competitions: readonly CompetitionReport[]
  /** Our present share of everything that miners get, with external competitions if requested. */
  readonly weight: number
  /** Competitions that are scored elsewhere; miners that answer prompts have no part in them. */
  readonly external: readonly ExternalShare[]
  /** Our share if validators blend them in, and if they do not. */
  readonly weightWithExternal: number
  readonly weightWithoutExternal: number
  /** Uids that changed hands within the windows; null if this is not known. */
  readonly changedHands: number | null
  readonly problems: readonly string[]
}

export interface ExternalShare {
  readonly label: string
  /** Of everything that miners get, if it is blended in. */
  readonly share: number
}

export interface CompetitionReport {
  readonly key: string
  readonly label: string
  readonly windowDays: number
  readonly beta: number
  /** Share of everything that miners get that it pays. */
  readonly coefficient: number
  readonly assets: readonly AssetRanks[]
  /** One per day, ascending; the last is now. */
  readonly weights: readonly SimulatedWeight[]
}

export interface AssetRanks {
  readonly asset: string
  readonly prompts: number
  readonly answered: number
  readonly medianRank: number
  readonly miners: number
  /** Means over the answered prompts, in the unit of the score. */
  readonly gapToBest: number
  readonly gapToMedian: number
  readonly aheadOfMedian: number
}

export interface ShadowInput {
  readonly book: RegimeBook
  /** Of all competitions, far enough back for the window of the first update. */
  readonly prompts: readonly FieldPrompt[]
  /** Null: an answer that counts as none. Undefined: not recorded. */
  readonly ourScore: (prompt: FieldPrompt) => number | null | undefined
  readonly unrecorded: UnrecordedRule
  /** Whether external competitions are blended in: a setting of each validator that is not public. */
  readonly isExternalOn: boolean
  readonly registrations: UidRegistrations | undefined
  /** When we received the request, if the journal holds it. */
  readonly receivedAtMs: (prompt: FieldPrompt) => number | undefined
  readonly joinedAtMs: number
  readonly fromMs: number
  readonly nowMs: number
}

export function reportShadow(input: ShadowInput): ShadowReport {
  const { book, nowMs } = input
  const rules = resolveAverageRules(book, { updateAtMs: nowMs })
  const problems = rules.gaps.map(({ path, kind }) => `${path} is ${kind} in the rules of today`)
  const ruleOf = createRuleLookup(book)
  const unknownTiesOf = new Map<string, number>()
  const competitions = rules.competitions.flatMap((competition): CompetitionReport[] => {
    const { prompts, unknownTies } = inSavedOrder(
      input.prompts.filter(({ asset, timeLengthSeconds }) => isOf(competition, asset, timeLengthSeconds)),
      input.receivedAtMs,
    )
    unknownTiesOf.set(competition.label, unknownTies)
    if (prompts.length === 0) {
      problems.push(`${competition.label}: no public scores are stored; run "tuner shadow fetch"`)
      return []
    }
    const own = { joinedAtMs: input.joinedAtMs, find: input.ourScore, unrecorded: input.unrecorded }
    const field = prepareField(prompts, own, { promptScoreRule: ruleOf, registrations: input.registrations })
    const weights = []
    for (let updateAtMs = nowMs; updateAtMs > input.fromMs; updateAtMs -= dayMs) {
      const weight = weightAt(input, competition, field, updateAtMs)
      if (weight !== null) weights.unshift(weight)
    }
    return [
      {
        key: competition.key,
        label: competition.label,
        windowDays: competition.windowDays,
        beta: competition.beta,
        coefficient: shareOf(competition, rules, input.isExternalOn),
        assets: competition.assets.flatMap((asset) => ranksOf(input, prompts, asset, ruleOf)),
        weights,
      },
    ]
  })
  const weight = competitions.reduce((sum, { weights }) => sum + (weights.at(-1)?.weight ?? 0), 0)
  const shared = (isOn: boolean): number => (weight * handedOut(rules, input.isExternalOn)) / handedOut(rules, isOn)
  const external = rules.external.map((one) => ({ label: one.label, share: shareOf(one, rules, true) }))
  if (rules.owner === 'equalToSum') {
    problems.push("the owner's uid gets as much as all miners together; weights are shares of the miners' part")
  }
  const { changedHands, sentence } = describeHands(input, rules)
  problems.push(...sentence)
  const ties = [...unknownTiesOf].filter(([, count]) => count > 0).map(([label, count]) => `${count} of ${label}`)
  // Only what newcomers are filled back with depends on it.
  const hasNewcomers = (changedHands ?? 0) > 0 || competitions.some(({ weights }) => weights.at(-1)?.backfilled)
  if (ties.length > 0 && hasNewcomers) {
    problems.push(
      `where prompts end at the same second, newcomers are filled back with the one that the validator saved first; the journal does not tell it for ${ties.join(', ')}, where the competition's order of assets is taken`,
    )
  }
  return {
    competitions,
    weight,
    external,
    weightWithExternal: shared(true),
    weightWithoutExternal: shared(false),
    changedHands,
    problems,
  }
}

/** Weights are scaled to a sum of one: with a fourth competition each of the other three pays a quarter. */
function shareOf(
  { coefficient }: Pick<AveragedCompetition, 'coefficient'>,
  rules: AverageRules,
  isOn: boolean,
): number {
  return coefficient.numerator / coefficient.denominator / handedOut(rules, isOn)
}

function handedOut({ competitions, external }: AverageRules, isOn: boolean): number {
  return [...competitions, ...(isOn ? external : [])].reduce(
    (sum, { coefficient }) => sum + coefficient.numerator / coefficient.denominator,
    0,
  )
}

function describeHands(
  { prompts, registrations, nowMs }: ShadowInput,
  rules: AverageRules,
): { readonly changedHands: number | null; readonly sentence: readonly string[] } {
  if (registrations === undefined) {
    const sentence =
      'it is not known which uids changed hands: public scores name no keys, and no metagraph is stored (the miner stores one); each uid is treated as one miner'
    return { changedHands: null, sentence: [sentence] }
  }
  const fromMs = nowMs - Math.max(...rules.competitions.map(({ windowDays }) => windowDays)) * dayMs
  const former = new Set<number>()
  for (const prompt of prompts) {
    if (prompt.scoredAtMs <= fromMs) continue
    for (const { uid } of prompt.miners) {
      if (minerIdAt(registrations, uid, startMsOf(prompt)) !== minerIdAt(registrations, uid, nowMs)) former.add(uid)
    }
  }
  return { changedHands: former.size, sentence: [] }
}

function isOf(competition: AveragedCompetition, asset: string, timeLengthSeconds: number): boolean {
  return competition.timeLengthSeconds === timeLengthSeconds && competition.assets.includes(asset)
}

function weightAt(
  input: ShadowInput,
  competition: AveragedCompetition,
  field: PreparedField,
  updateAtMs: number,
): SimulatedWeight | null {
  // The rules of the update decide window, beta and coefficients; the rules of each prompt's date decide its clip and
  // fill.
  const rules = resolveAverageRules(input.book, { updateAtMs })
  const own = rules.competitions.find(({ key }) => key === competition.key)
  if (own === undefined) return null
  return simulateUpdate(
    field,
    {
      label: own.label,
      windowDays: own.windowDays,
      newestRowLagSeconds: rules.average.newestRowLagSeconds,
      beta: own.beta,
      coefficient: shareOf(own, rules, input.isExternalOn),
      coefficientOf: (asset) => {
        const coefficient = coefficientOf(rules, asset)
        // An asset with an unknown coefficient is left out; no coefficient is invented.
        return coefficient === 'unknown' ? 0 : coefficient
      },
    },
    updateAtMs,
  )
}

function ranksOf(
  { ourScore, fromMs }: ShadowInput,
  prompts: readonly FieldPrompt[],
  asset: string,
  ruleOf: (prompt: FieldPrompt) => PromptScoreRule,
): AssetRanks[] {
  const ranks = prompts
    .filter((prompt) => prompt.asset === asset && prompt.scoredAtMs >= fromMs)
    .map((prompt) => rankPrompt(prompt, ourScore(prompt) ?? null, ruleOf(prompt)))
    .filter((rank) => rank !== null)
  const answered = ranks.filter((rank): rank is PromptRank & { ourCrps: number } => rank.ourCrps !== null)
  if (ranks.length === 0) return []
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const sorted = answered.map(({ rank }) => rank).sort((a, b) => a - b)
  return [
    {
      asset,
      prompts: ranks.length,
      answered: answered.length,
      medianRank: sorted[sorted.length >> 1] ?? Number.NaN,
      miners: Math.max(...ranks.map(({ miners }) => miners)),
      gapToBest: mean(answered.map(({ ourCrps, bestCrps }) => ourCrps - bestCrps)),
      gapToMedian: mean(answered.map(({ ourCrps, medianCrps }) => ourCrps - medianCrps)),
      aheadOfMedian: mean(answered.map(({ ourCrps, medianCrps }) => (ourCrps < medianCrps ? 1 : 0))),
    },
  ]
}

/** The clip and fill rule of a prompt's own date. */
export function createRuleLookup(book: RegimeBook): (prompt: FieldPrompt) => PromptScoreRule {
  const known = new Map<string, PromptScoreRule>()
  return (prompt) => {
    const { asset, timeLengthSeconds } = prompt
    const key = `${asset} ${timeLengthSeconds} ${prompt.scoredAtMs}`
    const found =
      known.get(key) ??
      resolvePrediction(book, { asset, timeLengthSeconds, startAtMs: startMsOf(prompt) }).scoring.promptScore
    known.set(key, found)
    return found
  }
}
