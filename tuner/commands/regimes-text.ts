import { effectiveField, regimeSteps } from '#core/synth/regimes/book'
import { describeClip } from '#core/synth/regimes/describe-clip'
import { formatInstant } from '#core/synth/regimes/instant'
import type { PredictionRules } from '#core/synth/regimes/prediction'
import type {
  Competition,
  EffectiveInstant,
  Fraction,
  PriceSource,
  PromptLane,
  Regime,
  RuleGap,
} from '#core/synth/regimes/regime'
import type { AnswerRules, AverageRules, PromptRules, ScoringRules } from '#core/synth/regimes/resolve'
import type { Decision } from '#core/synth/regimes/timeline'

export interface RulesAtInstant {
  readonly prompt: PromptRules
  readonly scoring: ScoringRules
  readonly average: AverageRules
}

/** Without `parent` everything that is unknown about it, otherwise only what this regime adds. */
export function describeRegime(regime: Regime, parent?: Regime): string[] {
  const gaps = regime.gaps.filter((gap) => parent?.gaps.includes(gap) !== true)
  const indent = '  '
  return [
    `${regime.id}  ${regime.summary}`,
    ...describeEffective(regime).map((line) => indent + line),
    ...(regime.aliases.length === 0 ? [] : [`${indent}also ${regime.aliases.join(', ')}`]),
    ...(regime.origin === 'builtIn' ? [] : [`${indent}${regime.origin} by the regime file`]),
    `${indent}${[regime.source.repository, regime.source.evidence].filter((text) => text !== '').join(': ')}`,
    ...describeGaps(gaps).map((line) => indent + line),
  ]
}

/** Steps that change at the same instant are on one line. */
function describeEffective({ effective }: Regime): string[] {
  const steps = new Map<string, string[]>()
  for (const step of regimeSteps) {
    const instant = effective[effectiveField[step]]
    if (instant === undefined) continue
    const text = describeInstant(instant)
    steps.set(text, [...(steps.get(text) ?? []), step])
  }
  if (steps.size === 0) return ['never by date, only by --regime']
  return [...steps].map(([text, names]) => `${names.join(', ')}: ${text}`)
}

function describeInstant({ at, certainty, earliest, latest }: EffectiveInstant): string {
  switch (certainty) {
    case 'exact':
      return `from ${shortInstant(at)}`
    case 'day':
      return `on ${at.slice(0, 10)}, hour not known`
    case 'estimated':
      return `about ${shortInstant(at)}, between ${shortInstant(earliest ?? at)} and ${latest === undefined ? 'now' : shortInstant(latest)}`
  }
}

const shortInstant = (text: string): string =>
  text.endsWith('T00:00:00Z') ? text.slice(0, 10) : text.replace('T', ' ').replace(/(:00)?Z$/, ' UTC')

export function describeRules(atMs: number, { prompt, scoring, average }: RulesAtInstant): string[] {
  const { minValidatorStake, permit, signature } = prompt.access
  const { clip, fill } = scoring.promptScore
  const { gateSeconds, lastPrice } = scoring.settlement
  return [
    formatInstant(atMs),
    ...renderStep('an answer now is asked for by', prompt, [
      ...prompt.promptProfiles.map(
        (profile) =>
          `${profile.label}: ${profile.timeLengthSeconds} s by ${profile.timeIncrementSeconds} s, ${profile.pathCount} paths, ${profile.assets.join(' ')}`,
      ),
      `callers: stake above ${minValidatorStake}, permit ${permit}, signature ${signature}`,
    ]),
    ...renderStep('and checked by', prompt.answer, [describeAnswer(prompt.answer)]),
    ...renderStep('a prompt scored now is scored by', scoring, [
      `gaps ${scoring.gapMode}, total ${scoring.totalScore}, prompt scores: ${describeClip(clip)}, fill ${fill}`,
      `due ${gateSeconds} s after its end, last price ${lastPrice}`,
      ...Object.entries(scoring.priceSources).map(([asset, source]) => `${asset.padEnd(6)} ${describeSource(source)}`),
    ]),
    ...renderStep('weights set now follow', average, [
      ...average.competitions.map(
        (competition) => `${describeCompetition(competition)}, ${competition.assets.join(' ')}`,
      ),
      ...average.external.map(({ label, beta }) => `${label}: beta ${beta}, where a validator has it on`),
      `owner ${average.owner}, late joiners filled from ${average.average.percentileField}`,
    ]),
  ]
}

export function describePrediction(
  question: { readonly asset: string; readonly timeLengthSeconds: number; readonly startAtMs: number },
  { prompt, answer, scoring, average }: PredictionRules,
): string[] {
  const { profile } = prompt
  const { competition } = scoring
  const points = competition.timeLengthSeconds / competition.timeIncrementSeconds + 1
  const usual = profile.usualAnswerSeconds === null ? '' : `, usually ${profile.usualAnswerSeconds} s`
  const lanes = profile.lanes.filter((lane) => lane.assets.includes(question.asset)).map(describeLane)
  const blocks = competition.volatilityBlocks.map(({ name }) => name)
  return [
    `${question.asset} at ${question.timeLengthSeconds} s, starting ${formatInstant(question.startAtMs)}`,
    ...renderStep('prompt', prompt, [
      `${profile.label}: ${profile.pathCount} paths of ${points} points, every ${lanes.join(', ')}`,
      `${profile.extraSeconds} to ${profile.extraSeconds + 60} s to answer${usual}`,
    ]),
    ...renderStep('answer', answer, [describeAnswer(answer)]),
    ...renderStep(`scoring, due ${formatInstant(scoring.scoringAtMs)}`, scoring, [
      `${competition.label}: ${competition.intervals.length} intervals, gaps ${scoring.gapMode}`,
      `total ${[scoring.totalScore, ...blocks].join(', ')}`,
      `prices from ${describeSource(scoring.priceSource)}`,
      `prompt scores: ${describeClip(scoring.promptScore.clip)}, fill ${scoring.promptScore.fill}`,
    ]),
    ...renderStep('average', average, [
      `${describeCompetition(average.competition)}, ${question.asset} counts ${average.assetCoefficient}`,
      ...average.external.map(({ label, beta }) => `${label}: beta ${beta}, where a validator has it on`),
      `owner ${average.owner}`,
    ]),
  ]
}

interface DecidedStep {
  readonly decision: Decision
  readonly gaps: readonly RuleGap[]
}

function renderStep(title: string, { decision, gaps }: DecidedStep, lines: readonly string[]): string[] {
  const others = decision.candidates.filter((id) => id !== decision.regimeId)
  const doubt = decision.isCertain ? '' : `  not certain, may be ${others.join(' or ')}`
  return [`  ${title}: ${decision.regimeId}${doubt}`, ...[...lines, ...describeGaps(gaps)].map((line) => `    ${line}`)]
}

function describeGaps(gaps: readonly RuleGap[]): string[] {
  return gaps.map(({ path, kind, note }) => `(${kind}) ${path}: ${note}`)
}

function describeAnswer({
  answerRule,
  answerOrder,
  storage,
}: Pick<AnswerRules, 'answerRule' | 'answerOrder' | 'storage'>) {
  return `${answerRule}, ${answerOrder}, kept as ${[storage.rounding, ...storage.alternatives].join(' or ')}`
}

function describeCompetition({
  label,
  windowDays,
  beta,
  coefficient,
}: Pick<Competition, 'label' | 'windowDays' | 'beta' | 'coefficient'>): string {
  return `${label}: ${windowDays} days, beta ${beta}, share ${describeFraction(coefficient)}`
}

/** How often the lane asks for one asset. */
function describeLane({ assets, intervalMinutes }: PromptLane): string {
  const rounded = (minutes: number): number => Math.round(minutes * assets.length * 100) / 100
  return typeof intervalMinutes === 'number'
    ? `${rounded(intervalMinutes)} min`
    : `${rounded(intervalMinutes.min)} to ${rounded(intervalMinutes.max)} min`
}

function describeSource({ venue, symbol, alternatives, until }: PriceSource): string {
  const others = alternatives.length === 0 ? '' : `, or ${alternatives.join(', ')}`
  return `${venue} ${symbol}${others}${until === null ? '' : `, for prompts that start before ${shortInstant(until.at)}`}`
}

const describeFraction = ({ numerator, denominator }: Fraction): string =>
  denominator === 1 ? String(numerator) : `${numerator}/${denominator}`
