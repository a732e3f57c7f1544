import { ConfigError, UsageError } from '#core/base/errors/app-error'
import { nearestName } from '#core/base/text/nearest-name'
import { hourSeconds } from '#core/base/time/units'
import type { RegimeBook } from './book.ts'
import { instantBounds } from './instant.ts'
import type {
  AccessDefaults,
  AverageRule,
  Competition,
  ExternalCompetition,
  OwnerShare,
  PriceSource,
  PromptProfile,
  Regime,
  RegimeStep,
  RuleGap,
  Unknown,
} from './regime.ts'
import type { AnswerRules, Override, ScoredCompetition, ScoringRules } from './resolve.ts'
import { answerPart, gapsOf } from './resolve.ts'
import { type Candidates, type Decision, findCandidates, toDecision } from './timeline.ts'

/** The rules of one prediction, step by step. Code reads these and never asks for a version. */
export interface PredictionRules {
  readonly prompt: Step<{ readonly profile: PromptProfile; readonly access: AccessDefaults }>
  readonly answer: Step<Omit<AnswerRules, 'decision' | 'gaps'>>
  readonly scoring: Step<PredictionScoring> & { readonly scoringAtMs: number }
  readonly average: Step<PredictionAverage>
}

type Step<Rules> = Rules & { readonly decision: Decision; readonly gaps: readonly RuleGap[] }

export interface PredictionScoring
  extends Pick<ScoringRules, 'gapMode' | 'totalScore' | 'nonFinite' | 'promptScore' | 'settlement'> {
  readonly competition: Omit<ScoredCompetition, 'assets'>
  readonly priceSource: PriceSource
}

export interface PredictionAverage {
  readonly competition: Pick<Competition, 'key' | 'label' | 'slug' | 'windowDays' | 'beta' | 'coefficient'>
  readonly assetCoefficient: number | Unknown
  readonly average: AverageRule
  readonly external: readonly ExternalCompetition[]
  readonly owner: OwnerShare
}

export interface PredictionQuestion extends Override {
  readonly asset: string
  readonly timeLengthSeconds: number
  readonly startAtMs: number
  /** If unknown: the start. */
  readonly answerAtMs?: number
  /** If unknown: start + length + the gate of that time. */
  readonly scoringAtMs?: number
  /** If no update is meant: the time of scoring. */
  readonly updateAtMs?: number
}

export function resolvePrediction(book: RegimeBook, question: PredictionQuestion): PredictionRules {
  const answerAtMs = question.answerAtMs ?? question.startAtMs
  const scoringAtMs = question.scoringAtMs ?? expectedScoringAtMs(book, question)
  const updateAtMs = question.updateAtMs ?? scoringAtMs
  const decide = <Part>(step: RegimeStep, atMs: number, read: (regime: Regime) => Part | undefined): Step<Part> => {
    const candidates = findCandidates(book, step, atMs, question.regime)
    const chosen = choose(candidates, read)
    if (chosen === undefined) throw notAsked(candidates.decided, question)
    return { ...chosen.part, decision: chosen.decision, gaps: gapsAbout(chosen.regime, step, question) }
  }
  return {
    prompt: decide('prompt', answerAtMs, (regime) => readPrompt(regime, question)),
    answer: decide('answer', answerAtMs, answerPart),
    scoring: { ...decide('score', scoringAtMs, (regime) => readScoring(regime, question)), scoringAtMs },
    average: decide('average', updateAtMs, (regime) => readAverage(regime, question)),
  }
}

/** The gaps of a step that concern this asset, its competition and its profile. */
function gapsAbout(regime: Regime, step: RegimeStep, { asset, timeLengthSeconds }: PredictionQuestion): RuleGap[] {
  const ownNames = [
    asset,
    findCompetition(regime, asset, timeLengthSeconds)?.key,
    findProfile(regime, asset, timeLengthSeconds)?.label,
  ]
  return gapsOf(regime, step).filter(({ path }) => {
    const [field, name, below] = path.split('.')
    if (field === 'detailRows') return false
    const owner = field === 'assetCoefficients' ? below : field === 'external' ? undefined : name
    return owner === undefined || !namedFields.includes(field ?? '') || ownNames.includes(owner)
  })
}

const namedFields = ['competitions', 'promptProfiles', 'priceSources', 'assetCoefficients']

/** When the validator tries first: start + length + gate. */
export function expectedScoringAtMs(
  book: RegimeBook,
  prediction: Pick<PredictionQuestion, 'startAtMs' | 'timeLengthSeconds' | 'regime'>,
): number {
  const endAtMs = prediction.startAtMs + prediction.timeLengthSeconds * 1000
  const { settlement } = findCandidates(book, 'score', endAtMs, prediction.regime).decided
  return endAtMs + settlement.gateSeconds * 1000
}

/** The competition of a prompt by the regime's own rule; undefined when there are no such prompts. */
export function findCompetition<Known extends Pick<Competition, 'assets' | 'timeLengthSeconds'>>(
  rules: { readonly competitions: readonly Known[] },
  asset: string,
  timeLengthSeconds: number,
): Known | undefined {
  // Until June 2026 the length alone decided. It gives the same result: each length belonged to one competition then.
  return rules.competitions.find(
    (competition) => competition.timeLengthSeconds === timeLengthSeconds && competition.assets.includes(asset),
  )
}

export function findProfile(
  rules: Pick<Regime, 'promptProfiles'>,
  asset: string,
  timeLengthSeconds: number,
): PromptProfile | undefined {
  return rules.promptProfiles.find(
    (profile) => profile.timeLengthSeconds === timeLengthSeconds && profile.assets.includes(asset),
  )
}

/** The source of a prompt's realised prices, by the rules of its scoring. */
export function findPriceSource(
  rules: Pick<ScoringRules, 'priceSources'>,
  asset: string,
  startAtMs: number,
): PriceSource | undefined {
  const source = Object.hasOwn(rules.priceSources, asset) ? rules.priceSources[asset] : undefined
  if (source === undefined || source.until === null) return source
  return startAtMs < instantBounds(source.until).latestMs ? source : undefined
}

export function coefficientOf(rules: Pick<Regime, 'assetCoefficients'>, asset: string): number | Unknown {
  const { byAsset, otherAssets } = rules.assetCoefficients
  return Object.hasOwn(byAsset, asset) ? (byAsset[asset] ?? otherAssets) : otherAssets
}

/** For arithmetic: a coefficient that was never published stops the calculation. */
export function knownCoefficientOf(
  rules: Pick<Regime, 'assetCoefficients'> & { readonly regimeId: string },
  asset: string,
): number {
  const coefficient = coefficientOf(rules, asset)
  if (coefficient !== 'unknown') return coefficient
  throw new ConfigError('RULE_VALUE_UNKNOWN', `The coefficient of ${asset} is not known under ${rules.regimeId}.`)
}

function readPrompt(regime: Regime, { asset, timeLengthSeconds }: PredictionQuestion) {
  const profile = findProfile(regime, asset, timeLengthSeconds)
  return profile === undefined ? undefined : { profile, access: regime.access }
}

function readScoring(regime: Regime, question: PredictionQuestion): PredictionScoring | undefined {
  const competition = findCompetition(regime, question.asset, question.timeLengthSeconds)
  const priceSource = findPriceSource(regime, question.asset, question.startAtMs)
  if (competition === undefined || priceSource === undefined) return undefined
  const { gapMode, nonFinite, promptScore, settlement } = regime
  const { key, label, slug, timeLengthSeconds, timeIncrementSeconds, intervals, volatilityBlocks } = competition
  return {
    competition: { key, label, slug, timeLengthSeconds, timeIncrementSeconds, intervals, volatilityBlocks },
    gapMode,
    totalScore: volatilityBlocks.length > 0 ? regime.totalScore : 'price',
    nonFinite,
    promptScore,
    settlement,
    priceSource,
  }
}

function readAverage(regime: Regime, question: PredictionQuestion): PredictionAverage | undefined {
  const competition = findCompetition(regime, question.asset, question.timeLengthSeconds)
  if (competition === undefined) return undefined
  const { key, label, slug, windowDays, beta, coefficient } = competition
  const { average, external, owner } = regime
  return {
    competition: { key, label, slug, windowDays, beta, coefficient },
    assetCoefficient: coefficientOf(regime, question.asset),
    average,
    external,
    owner,
  }
}

/**
 * Of the regimes that may be effective, those with prompts of this asset. If all say the same about it, the uncertain
 * date does not matter.
 */
function choose<Part>(
  candidates: Candidates,
  read: (regime: Regime) => Part | undefined,
): { regime: Regime; part: Part; decision: Decision } | undefined {
  const readings = candidates.regimes.flatMap((regime) => {
    const part = read(regime)
    return part === undefined ? [] : [{ regime, part }]
  })
  const decidedIndex = candidates.regimes.indexOf(candidates.decided)
  const distance = ({ regime }: { regime: Regime }): number =>
    Math.abs(candidates.regimes.indexOf(regime) - decidedIndex)
  const nearest = readings.toSorted((a, b) => distance(a) - distance(b))[0]
  if (nearest === undefined) return undefined
  const decision = toDecision(candidates)
  if (decision.isCertain) return { ...nearest, decision }
  const texts = new Set(readings.map(({ part }) => JSON.stringify(part)))
  return {
    ...nearest,
    decision: {
      regimeId: nearest.regime.id,
      candidates: readings.map(({ regime }) => regime.id),
      isCertain: texts.size === 1,
      basis: texts.size === 1 || nearest.regime !== candidates.decided ? 'prediction' : decision.basis,
    },
  }
}

function notAsked(regime: Regime, { asset, timeLengthSeconds }: PredictionQuestion): UsageError {
  const lengths = [...new Set(regime.promptProfiles.map((profile) => profile.timeLengthSeconds))]
  if (!lengths.includes(timeLengthSeconds)) {
    const near = lengths.toSorted((a, b) => Math.abs(a - timeLengthSeconds) - Math.abs(b - timeLengthSeconds))[0]
    return new UsageError(
      'HORIZON_UNKNOWN',
      `No prompt of ${timeLengthSeconds} s exists under ${regime.id}. Nearest: ${near}. Known: ${lengths.map((known) => `${known} (${known / hourSeconds} h)`).join(', ')}.`,
    )
  }
  const known = regime.promptProfiles
    .filter((profile) => profile.timeLengthSeconds === timeLengthSeconds)
    .flatMap((profile) => profile.assets)
  const near = nearestName(asset, known)
  return new UsageError(
    'ASSET_UNKNOWN',
    `${asset} is not asked for at ${timeLengthSeconds} s under ${regime.id}.${near === undefined ? '' : ` Did you mean ${near}?`} Known: ${known.join(', ')}.`,
  )
}
