import { type Horizon, horizonLabel } from '#core/synth/prompts/horizon'
import { currentValue, readSlot, sameSlot, slotWith } from './change-parameters.ts'
import { findObstacles, type Obstacle } from './eligibility.ts'
import type { GovernanceConfig } from './governance-config.ts'
import { type GovernanceState, parametersOf } from './governance-state.ts'
import { limitsOf, type Parameter, type ParameterValue, toParameter } from './parameter-catalogue.ts'

/** The facts of one asset on one horizon; every score is compared with another on the same prompts. */
export interface DiagnosisFacts {
  readonly asset: string
  readonly horizon: Horizon
  readonly promptCount: number
  /** Our mean score over the field's median, or over that of a baseline; undefined if neither is known. */
  readonly totalRatio: number | undefined
  readonly against: 'field' | 'baseline'
  /** Of the short and of the long intervals, over those of this model; the field's are not public. */
  readonly baseline: string | undefined
  readonly shortRatio: number | undefined
  readonly longRatio: number | undefined
  /** Share of realised increments within the middle 95 % of the paths, with its confidence band. */
  readonly coverage95: { readonly share: number; readonly low: number; readonly high: number } | undefined
  /** Realised over forecast variance: below 1 the forecast is too wide. */
  readonly varianceRatio: number | undefined
  /** Other models on the same prompts: relative difference to ours, below zero better, with its interval. */
  readonly alternatives: readonly {
    readonly model: string
    readonly relativeDifference: number
    readonly interval: readonly [low: number, high: number]
  }[]
}

/** From the scored prompts that started in the range, so that days can be left out to test the result. */
export interface Diagnoses {
  readFacts(range: {
    readonly asset: string
    readonly fromMs: number
    readonly toMs: number
  }): Promise<readonly DiagnosisFacts[]>
}

export interface Suggestion {
  readonly asset: string
  readonly parameter: Parameter
  readonly oldValue: ParameterValue
  readonly newValue: ParameterValue
  /** What was found. */
  readonly because: string
  /** What prevents the change now. */
  readonly obstacles: readonly Obstacle[]
}

const leastPrompts = 10
/** An asset that is this far ahead gets no suggestion. */
const clearlyAhead = 0.95
const clearlyBehind = 1.02
const nominal = { low: 0.93, high: 0.97 }
const tooWide = 0.85
const tooNarrow = 1.15

interface Idea {
  readonly name: string
  /** Steps from the present value, or the value itself. */
  readonly move: { readonly steps: number } | { readonly to: string }
  readonly because: string
}

/**
 * At most one step per asset, from differences to others on the same prompts. Absolute scores mean nothing, because the
 * market's volatility decides them. A suggestion says what to measure; it is never a change.
 */
export function suggestChanges(
  state: GovernanceState,
  facts: readonly DiagnosisFacts[],
  given: {
    readonly nowMs: number
    readonly minerStartedAtMs: number | undefined
    readonly settings: Pick<GovernanceConfig, 'mode' | 'limits'>
  },
): Suggestion[] {
  const seen = new Set<string>()
  return facts.flatMap((fact) =>
    ideasOf(fact).flatMap((idea): Suggestion[] => {
      const parameter = toParameter(idea.name)
      if (parameter === undefined || seen.has(`${fact.asset} ${idea.name}`)) return []
      const { asset } = fact
      const parameters = parametersOf(state, asset)
      const oldValue = currentValue(parameters, parameter)
      const newValue = targetOf(asset, parameter, { oldValue, idea, settings: given.settings })
      const slot = slotWith(parameters, parameter, newValue)
      if (slot === undefined || sameSlot(slot, readSlot(parameters, parameter))) return []
      seen.add(`${asset} ${idea.name}`)
      const obstacles = findObstacles(state, { ...given, asset, parameter, mode: given.settings.mode })
      return [{ asset, parameter, oldValue, newValue, because: idea.because, obstacles }]
    }),
  )
}

function ideasOf(facts: DiagnosisFacts): Idea[] {
  if (facts.promptCount < leastPrompts) return []
  const { horizon, shortRatio, longRatio, coverage95, varianceRatio } = facts
  const where = `${horizonLabel(horizon)}, n = ${facts.promptCount}`
  const ideas: Idea[] = facts.alternatives
    .filter(({ interval }) => interval[1] < 0)
    .sort((a, b) => a.relativeDifference - b.relativeDifference)
    .slice(0, 1)
    .map(({ model, relativeDifference }) => ({
      name: `champion_${horizon}`,
      move: { to: model },
      because: `${model} scores ${percent(relativeDifference)} against the effective model (${where})`,
    }))
  if (facts.totalRatio !== undefined && facts.totalRatio <= clearlyAhead) return ideas
  const behind = (ratio: number): string =>
    `${percent(ratio - 1)} against ${facts.baseline ?? 'the baseline'} (${where})`
  if (shortRatio !== undefined && shortRatio > clearlyBehind) {
    const because = `short intervals score ${behind(shortRatio)}: follow the last minutes faster`
    ideas.push({ name: 'lambda', move: { steps: -1 }, because })
  }
  // The share must not be outside by chance alone.
  if (coverage95 !== undefined && coverage95.high < nominal.low) {
    const because = `the middle 95 % hold ${share(coverage95.share)} (${where}): heavier tails`
    ideas.push({ name: 'df', move: { steps: -1 }, because })
  } else if (coverage95 !== undefined && coverage95.low > nominal.high) {
    const because = `the middle 95 % hold ${share(coverage95.share)} (${where}): lighter tails`
    ideas.push({ name: 'df', move: { steps: 1 }, because })
  }
  if (longRatio !== undefined && longRatio > clearlyBehind && (varianceRatio ?? 0) < 1) {
    const because = `long intervals score ${behind(longRatio)} and are too wide: a lower cap`
    ideas.push({ name: 'sigma_cap_daily', move: { steps: -1 }, because })
  }
  if (horizon === 'high' && varianceRatio !== undefined && (varianceRatio < tooWide || varianceRatio > tooNarrow)) {
    const steps = varianceRatio < 1 ? -1 : 1
    const because = `realised variance is ${varianceRatio.toFixed(2)} of the forecast's (${where})`
    ideas.push({ name: 'shrink_high', move: { steps }, because })
  }
  return ideas
}

function targetOf(
  asset: string,
  parameter: Parameter,
  { oldValue, idea, settings }: { oldValue: ParameterValue; idea: Idea; settings: Pick<GovernanceConfig, 'limits'> },
): ParameterValue {
  if ('to' in idea.move) return idea.move.to
  const limits = limitsOf(asset, parameter, settings.limits)!
  const wanted = Number((Number(oldValue) + idea.move.steps * limits.step).toFixed(9))
  return Math.min(Math.max(wanted, limits.min), limits.max)
}

const percent = (part: number): string => `${part > 0 ? '+' : ''}${(part * 100).toFixed(1)} %`
const share = (part: number): string => `${(part * 100).toFixed(1)} %`
