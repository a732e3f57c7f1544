import { askedModels } from '#core/forecast/ladder/asked-models'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import { type Horizon, horizonLabel } from '#core/synth/prompts/horizon'
import { currentValue, readSlot, sameSlot, slotWith } from './change-parameters.ts'
import { findObstacles, type Obstacle } from './eligibility.ts'
import type { GovernanceConfig } from './governance-config.ts'
import { type GovernanceState, parametersOf } from './governance-state.ts'
import type { NumberName } from './number-parameters.ts'
import { type Parameter, type ParameterValue, toParameter, valueAway } from './parameter-catalogue.ts'
import { type Reach, reachOf, type ServedAnswers, servingModel } from './reach.ts'

export interface Coverage {
  readonly share: number
  readonly low: number
  readonly high: number
}

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
  readonly coverage95: Coverage | undefined
  /** The same of the longest interval whose increments are compared. */
  readonly longCoverage95: Coverage | undefined
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
  /** Which answers it would alter. */
  readonly reach: Reach
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
    readonly served: ServedAnswers
  },
): Suggestion[] {
  const seen = new Set<string>()
  return facts.flatMap((fact) => {
    const { asset } = fact
    const parameters = parametersOf(state, asset)
    return ideasOf(fact, familyOf(given.served, fact, parameters)).flatMap((idea): Suggestion[] => {
      const parameter = toParameter(idea.name)
      if (parameter === undefined || seen.has(`${asset} ${idea.name}`)) return []
      const oldValue = currentValue(parameters, parameter)
      const { move } = idea
      const newValue = 'to' in move ? move.to : valueAway(asset, parameter, oldValue, move.steps, given.settings.limits)
      const slot = slotWith(parameters, parameter, newValue)
      if (slot === undefined || sameSlot(slot, readSlot(parameters, parameter))) return []
      const reach = reachOf(given.served, asset, parameter, parameters)
      if (reach.altered === 0) return []
      seen.add(`${asset} ${idea.name}`)
      const obstacles = findObstacles(state, { ...given, asset, parameter, mode: given.settings.mode })
      return [{ asset, parameter, oldValue, newValue, because: idea.because, reach, obstacles }]
    })
  })
}

/** Which numbers the serving model has; undefined for one without any, such as a model file. */
type Family = 'calibrated' | 'ewma' | undefined

/** Of a blend, the member with the largest share that has numbers. */
function familyOf(served: ServedAnswers, { asset, horizon }: DiagnosisFacts, parameters: AssetParameters): Family {
  const model = servingModel(served, asset, horizon, parameters)
  if (model === undefined) return undefined
  const shareOf = (name: string): number => parameters.blend[horizon][name] ?? 0
  const families = [...askedModels(model, parameters, horizon)]
    .sort((a, b) => shareOf(b) - shareOf(a))
    .map((name): Family => (name === 'calibrated' ? name : name === 'ewma' || name === 'seed' ? 'ewma' : undefined))
  return families.find((family) => family !== undefined)
}

interface Names {
  readonly faster: { readonly name: NumberName; readonly steps: number }
  readonly heavier: { readonly name: NumberName; readonly steps: number }
  readonly narrowerLong: NumberName
  /** Undefined: it has no factor for these prompts. */
  readonly width: NumberName | undefined
  readonly uncertainty: NumberName | undefined
}

function namesOf(family: NonNullable<Family>, horizon: Horizon): Names {
  if (family === 'calibrated') {
    return {
      faster: { name: `memory_${horizon}`, steps: 1 },
      heavier: { name: `tail_${horizon}`, steps: 1 },
      narrowerLong: `level_${horizon}`,
      width: `level_${horizon}`,
      uncertainty: `level_sd_${horizon}`,
    }
  }
  return {
    faster: { name: 'lambda', steps: -1 },
    heavier: { name: 'df', steps: -1 },
    narrowerLong: 'sigma_cap_daily',
    width: horizon === 'high' ? 'shrink_high' : undefined,
    uncertainty: undefined,
  }
}

function ideasOf(facts: DiagnosisFacts, family: Family): Idea[] {
  if (facts.promptCount < leastPrompts) return []
  const { horizon, shortRatio, longRatio, coverage95, longCoverage95, varianceRatio } = facts
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
  if (family === undefined || (facts.totalRatio !== undefined && facts.totalRatio <= clearlyAhead)) return ideas
  const { faster, heavier, narrowerLong, width, uncertainty } = namesOf(family, horizon)
  const behind = (ratio: number): string =>
    `${percent(ratio - 1)} against ${facts.baseline ?? 'the baseline'} (${where})`
  if (shortRatio !== undefined && shortRatio > clearlyBehind) {
    const because = `short intervals score ${behind(shortRatio)}: follow the last minutes faster`
    ideas.push({ name: faster.name, move: { steps: faster.steps }, because })
  }
  const isNarrow = varianceRatio !== undefined && varianceRatio > tooNarrow
  const isWide = varianceRatio !== undefined && varianceRatio < tooWide
  if (width !== undefined && (isNarrow || isWide)) {
    const because = `realised variance is ${varianceRatio.toFixed(2)} of the forecast's (${where})`
    ideas.push({ name: width, move: { steps: isWide ? -1 : 1 }, because })
  }
  // Paths of the wrong width miss the middle too: tails are judged once the width is right.
  const isWidthRight = family !== 'calibrated' || !(isNarrow || isWide)
  const outside = isWidthRight ? outsideOf(coverage95) : 0
  if (outside !== 0) {
    const because = `the middle 95 % hold ${share(coverage95!.share)} (${where}): ${outside > 0 ? 'heavier' : 'lighter'} tails`
    ideas.push({ name: heavier.name, move: { steps: heavier.steps * outside }, because })
  }
  const longOutside = isWidthRight && outside === 0 ? outsideOf(longCoverage95) : 0
  if (uncertainty !== undefined && longOutside !== 0) {
    const because = `the middle 95 % of long intervals hold ${share(longCoverage95!.share)} (${where}): the level is ${longOutside > 0 ? 'less' : 'more'} certain than it says`
    ideas.push({ name: uncertainty, move: { steps: longOutside }, because })
  }
  if (longRatio !== undefined && longRatio > clearlyBehind && (varianceRatio ?? 0) < 1) {
    const what = family === 'calibrated' ? 'a lower level' : 'a lower cap'
    const because = `long intervals score ${behind(longRatio)} and are too wide: ${what}`
    ideas.push({ name: narrowerLong, move: { steps: -1 }, because })
  }
  return ideas
}

/** 1: too few are in the middle, -1: too many; 0 where chance alone could explain it. */
function outsideOf(coverage: Coverage | undefined): -1 | 0 | 1 {
  if (coverage === undefined) return 0
  return coverage.high < nominal.low ? 1 : coverage.low > nominal.high ? -1 : 0
}

const percent = (part: number): string => `${part > 0 ? '+' : ''}${(part * 100).toFixed(1)} %`
const share = (part: number): string => `${(part * 100).toFixed(1)} %`
