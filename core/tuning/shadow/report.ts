import { dayMs } from '#core/base/time/units'
import type { RegimeBook } from '#core/synth/regimes/book'
import { coefficientOf, resolvePrediction } from '#core/synth/regimes/prediction'
import type { PromptScoreRule } from '#core/synth/regimes/regime'
import { type AveragedCompetition, type AverageRules, resolveAverageRules } from '#core/synth/regimes/resolve'
import { type AssetRanks, coverageProblems, isMostlyUnknown, ranksOf } from './asset-ranks.ts'
import { type FieldPrompt, inSavedOrder, startMsOf } from './field.ts'
import { minerIdAt, type UidRegistrations } from './hands.ts'
import { type PreparedField, prepareField, type UnrecordedRule } from './prepared-field.ts'
import type { SimulatedWeight } from './simulate-weights.ts'
import { listUpdates, thinUpdates } from './updates.ts'
import { WeightSeries } from './weight-series.ts'

export interface ShadowReport {
  readonly competitions: readonly CompetitionReport[]
  /**
   * Our present share of everything that miners get, with external competitions if requested. Without competitions of
   * which too little is known of our answers.
   */
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
  /** False: too little is known of our answers, so that these weights are of other prompts than the validator's. */
  readonly isComparable: boolean
  /** Of the validator in the period, as far as they count newly scored prompts. */
  readonly updates: number
  /** By update, ascending; the last is now. */
  readonly weights: readonly SimulatedWeight[]
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
  /** Of each competition: a series of all updates of ten days takes minutes. */
  readonly mostUpdates: number
  readonly fromMs: number
  readonly nowMs: number
}

export function reportShadow(input: ShadowInput): ShadowReport {
  const { book, nowMs } = input
  const rules = resolveAverageRules(book, { updateAtMs: nowMs })
  const problems = rules.gaps.map(({ path, kind }) => `${path} is ${kind} in the rules of today`)
  const ruleOf = createRuleLookup(book)
  const unknownTiesOf = new Map<string, number>()
  // A prompt that started before our first answer was not ours to answer, whenever it was scored.
  const firstStartMs = input.prompts.reduce(
    (first, prompt) => (input.ourScore(prompt) === undefined ? first : Math.min(first, startMsOf(prompt))),
    Number.POSITIVE_INFINITY,
  )
  const isOurs = (prompt: FieldPrompt): boolean =>
    prompt.scoredAtMs >= Math.max(input.fromMs, input.joinedAtMs) && startMsOf(prompt) >= firstStartMs
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
    const updates = listUpdates(book, prompts, { fromMs: input.fromMs, toMs: nowMs })
    const shown = thinUpdates(updates, input.mostUpdates)
    const weightsOf = (some: PreparedField, only?: string) => {
      const series = new WeightSeries(some)
      return shown.map((at) => weightAt(input, competition, series, at, only)).filter((weight) => weight !== null)
    }
    const assets = competition.assets.flatMap((asset): AssetRanks[] => {
      const ours = prompts.filter((prompt) => prompt.asset === asset && isOurs(prompt))
      const ranks = ranksOf(asset, ours, input.ourScore, ruleOf)
      if (ranks === null) return []
      const alone = { ...field, prompts: field.prompts.filter((prompt) => prompt.asset === asset) }
      return [{ ...ranks, weights: weightsOf(alone, asset) }]
    })
    const unknown = input.unrecorded === 'miss' ? [] : assets.filter(isMostlyUnknown)
    problems.push(...coverageProblems(competition.label, assets, unknown))
    return [
      {
        key: competition.key,
        label: competition.label,
        windowDays: competition.windowDays,
        beta: competition.beta,
        coefficient: shareOf(competition, rules, input.isExternalOn),
        assets,
        isComparable: unknown.length === 0,
        updates: updates.length,
        weights: weightsOf(field),
      },
    ]
  })
  const weight = competitions.reduce(
    (sum, { isComparable, weights }) => sum + (isComparable ? (weights.at(-1)?.weight ?? 0) : 0),
    0,
  )
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
  series: WeightSeries,
  updateAtMs: number,
  only: string | undefined,
): SimulatedWeight | null {
  // The rules of the update decide window, beta and coefficients; the rules of each prompt's date decide its clip and
  // fill.
  const rules = resolveAverageRules(input.book, { updateAtMs })
  const own = rules.competitions.find(({ key }) => key === competition.key)
  if (own === undefined) return null
  return series.at(
    {
      label: own.label,
      windowDays: own.windowDays,
      newestRowLagSeconds: rules.average.newestRowLagSeconds,
      beta: own.beta,
      coefficient: shareOf(own, rules, input.isExternalOn),
      coefficientOf: (asset) => {
        if (asset === only) return 1
        const coefficient = coefficientOf(rules, asset)
        // An asset with an unknown coefficient is left out; no coefficient is invented.
        return coefficient === 'unknown' ? 0 : coefficient
      },
    },
    updateAtMs,
  )
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
