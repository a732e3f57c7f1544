import type { RegimeBook } from './book.ts'
import type { Competition, Regime, RegimeRules, RegimeStep, RuleGap } from './regime.ts'
import { type Decision, findCandidates, toDecision } from './timeline.ts'

/** Which competition a prompt belongs to. */
export type CompetitionRoute = Pick<
  Competition,
  'key' | 'label' | 'slug' | 'assets' | 'timeLengthSeconds' | 'timeIncrementSeconds'
>
export type ScoredCompetition = CompetitionRoute & Pick<Competition, 'intervals' | 'volatilityBlocks'>
export type AveragedCompetition = CompetitionRoute & Pick<Competition, 'windowDays' | 'beta' | 'coefficient'>

interface Decided {
  readonly decision: Decision
  /** What is unknown or assumed about the rules that this step reads. */
  readonly gaps: readonly RuleGap[]
}

/** Which prompts exist, and which answers are accepted: effective at the time of the answer. */
export interface PromptRules extends Decided, Pick<RegimeRules, 'promptProfiles' | 'access'> {
  /** The check of answers changed on its own dates. */
  readonly answer: AnswerRules
}

export interface AnswerRules
  extends Decided,
    Pick<RegimeRules, 'answerRule' | 'answerOrder' | 'answerLateness' | 'storage'> {}

/** How an answer and a prompt are scored: effective at the time of scoring, whenever the prompt was sent. */
export interface ScoringRules
  extends Decided,
    Pick<
      RegimeRules,
      'route' | 'gapMode' | 'totalScore' | 'nonFinite' | 'detailRows' | 'promptScore' | 'settlement' | 'priceSources'
    > {
  readonly competitions: readonly ScoredCompetition[]
}

/** How scores become weights: effective at the time of the weight update. */
export interface AverageRules
  extends Decided,
    Pick<RegimeRules, 'route' | 'assetCoefficients' | 'average' | 'external' | 'owner'> {
  readonly competitions: readonly AveragedCompetition[]
}

/** `regime` overrides the date. */
export interface Override {
  readonly regime?: string | undefined
}

export function resolvePromptRules(book: RegimeBook, at: Override & { readonly answerAtMs: number }): PromptRules {
  const candidates = findCandidates(book, 'prompt', at.answerAtMs, at.regime)
  const { promptProfiles, access } = candidates.decided
  const answer = findCandidates(book, 'answer', at.answerAtMs, at.regime)
  return {
    decision: toDecision(candidates),
    gaps: gapsOf(candidates.decided, 'prompt'),
    promptProfiles,
    access,
    answer: { decision: toDecision(answer), gaps: gapsOf(answer.decided, 'answer'), ...answerPart(answer.decided) },
  }
}

export function resolveScoringRules(book: RegimeBook, at: Override & { readonly scoringAtMs: number }): ScoringRules {
  const candidates = findCandidates(book, 'score', at.scoringAtMs, at.regime)
  return {
    decision: toDecision(candidates),
    gaps: gapsOf(candidates.decided, 'score'),
    ...scoringPart(candidates.decided),
  }
}

export function resolveAverageRules(book: RegimeBook, at: Override & { readonly updateAtMs: number }): AverageRules {
  const candidates = findCandidates(book, 'average', at.updateAtMs, at.regime)
  const { route, competitions, assetCoefficients, average, external, owner } = candidates.decided
  return {
    decision: toDecision(candidates),
    gaps: gapsOf(candidates.decided, 'average'),
    route,
    competitions,
    assetCoefficients,
    average,
    external,
    owner,
  }
}

export function answerPart({
  answerRule,
  answerOrder,
  answerLateness,
  storage,
}: Regime): Omit<AnswerRules, keyof Decided> {
  return { answerRule, answerOrder, answerLateness, storage }
}

function scoringPart(regime: Regime): Omit<ScoringRules, keyof Decided> {
  const { route, competitions, gapMode, totalScore, nonFinite, detailRows, promptScore, settlement, priceSources } =
    regime
  return { route, competitions, gapMode, totalScore, nonFinite, detailRows, promptScore, settlement, priceSources }
}

const fieldsOfStep: Readonly<Record<RegimeStep, readonly (keyof RegimeRules | 'effective')[]>> = {
  prompt: ['promptProfiles', 'access'],
  answer: ['answerRule', 'answerOrder', 'answerLateness', 'storage'],
  score: [
    'route',
    'competitions',
    'gapMode',
    'totalScore',
    'nonFinite',
    'detailRows',
    'promptScore',
    'settlement',
    'priceSources',
  ],
  average: ['competitions', 'assetCoefficients', 'average', 'external', 'owner'],
}
const averagedFields = ['windowDays', 'beta', 'coefficient']

export function gapsOf(regime: Regime, step: RegimeStep): RuleGap[] {
  return regime.gaps.filter(({ path }) => {
    const [field, , below] = path.split('.')
    if (field !== 'competitions' || below === 'assets') return fieldsOfStep[step].some((name) => name === field)
    return step === (below !== undefined && averagedFields.includes(below) ? 'average' : 'score')
  })
}
