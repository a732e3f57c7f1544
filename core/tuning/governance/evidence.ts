import { AppError } from '#core/base/errors/app-error'
import { counted } from '#core/base/text/counted'
import { dayMs } from '#core/base/time/units'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import type { Horizon } from '#core/synth/prompts/horizon'
import { type SlotValue, sameSlot } from './change-parameters.ts'
import type { GovernanceRefusal } from './governance-error.ts'
import { comparePairs, type PairedComparison, type PairedScore } from './paired-comparison.ts'
import type { ParameterValue } from './parameter-catalogue.ts'

export interface PairsQuestion {
  readonly asset: string
  readonly horizons: readonly Horizon[]
  /** Start of the prompts, from included, to excluded; only settled ones have scores. */
  readonly fromMs: number
  readonly toMs: number
  readonly oldParameters: AssetParameters
  readonly newParameters: AssetParameters
}

/**
 * Replay's part: the prompts of the journal scored with two parameter sets, each forecast from what was known then. If
 * one of the sets was served, its stored score may be used; the other is forecast again. A prompt that one of the two
 * cannot answer is left out.
 */
export interface PairedScores {
  readPairs(question: PairsQuestion, signal?: AbortSignal): Promise<readonly PairedScore[]>
}

/** The proposed change, in the form that the measurement needs. */
export interface MeasuredChange {
  readonly asset: string
  readonly parameter: string
  readonly oldValue: ParameterValue
  readonly newValue: ParameterValue
  readonly before: SlotValue
  readonly after: SlotValue
}

export interface Evidence extends MeasuredChange {
  readonly id: number
  readonly fromMs: number
  readonly toMs: number
  readonly madeAtMs: number
  readonly comparison: PairedComparison
}

export interface EvidenceStore {
  saveEvidence(evidence: Omit<Evidence, 'id'>): Evidence
  findEvidence(id: number): Evidence | undefined
}

/** Evidence looks back over this many days of prompts. */
export const evidenceDays = 30
/** What was found by looking at scores is judged by so many days that the search did not see. */
export const heldOutDays = 14
export const evidenceLevel = 0.95
/** With fewer days, even a clear result says too little: a week contains every weekday. */
export const leastEvidence = { prompts: 50, days: 7 } as const
/** Older evidence is about a past market. */
const evidenceAgeDays = 14

export interface MeasureQuestion {
  readonly change: MeasuredChange
  readonly horizons: readonly Horizon[]
  readonly oldParameters: AssetParameters
  readonly newParameters: AssetParameters
  readonly fromMs: number
  readonly toMs: number
}

export type Measurement =
  | { readonly ok: true; readonly evidence: Omit<Evidence, 'id'> }
  | { readonly ok: false; readonly refusal: GovernanceRefusal }

/** Scores the change on what was served; refuses if there is too little data. */
export async function measureChange(
  scores: PairedScores,
  question: MeasureQuestion,
  signal?: AbortSignal,
): Promise<Measurement> {
  const { change, horizons, oldParameters, newParameters, fromMs, toMs } = question
  const asked = { asset: change.asset, horizons, fromMs, toMs, oldParameters, newParameters }
  let pairs: readonly PairedScore[]
  try {
    pairs = await scores.readPairs(asked, signal)
  } catch (error) {
    if (!isModelAway(error)) throw error
    const { code, message, hint } = error
    return { ok: false, refusal: { code, message, hint } }
  }
  const comparison = comparePairs(pairs, evidenceLevel)
  if (comparison === undefined || !isEnough(comparison, leastEvidence)) {
    return { ok: false, refusal: tooLittle(change, comparison) }
  }
  return { ok: true, evidence: { ...change, fromMs, toMs, madeAtMs: toMs, comparison } }
}

/** A model file is missing, or no miner would serve it: an expected result. */
export function isModelAway(error: unknown): error is AppError {
  return error instanceof AppError && (error.code === 'MODEL_UNKNOWN' || error.code === 'MODEL_REFUSED')
}

function tooLittle({ asset, parameter }: MeasuredChange, comparison: PairedComparison | undefined): GovernanceRefusal {
  const { count = 0, days = 0 } = comparison ?? {}
  const { prompts: leastPrompts, days: leastDays } = leastEvidence
  return {
    code: 'EVIDENCE_MISSING',
    message: `${asset} has ${counted(count, 'settled prompt')} of ${counted(days, 'day')} scored for both values of ${parameter}; evidence needs ${leastPrompts} prompts of ${leastDays} days.`,
  }
}

export function isEnough(
  { count, days }: Pick<PairedComparison, 'count' | 'days'>,
  least: { readonly prompts: number; readonly days: number },
): boolean {
  return count >= least.prompts && days >= least.days
}

/** A score counts losses, so better is below zero; chance must not explain the difference. */
export function isImprovement(comparison: PairedComparison): boolean {
  return comparison.interval[1] < 0
}

/** Every prompt has the same score with both values. */
function changesNothing({ relativeDifference, interval }: PairedComparison): boolean {
  return relativeDifference === 0 && interval[0] === 0 && interval[1] === 0
}

/** Why this evidence does not carry that change; undefined when it does. */
export function refuseEvidence(
  evidence: Evidence,
  change: MeasuredChange,
  nowMs: number,
): GovernanceRefusal | undefined {
  const isSame =
    evidence.asset === change.asset &&
    evidence.parameter === change.parameter &&
    sameSlot(evidence.before, change.before) &&
    sameSlot(evidence.after, change.after)
  if (!isSame) {
    const { asset, parameter, oldValue, newValue } = evidence
    return {
      code: 'EVIDENCE_UNKNOWN',
      message: `Evidence ${evidence.id} is about ${parameter} of ${asset} from ${oldValue} to ${newValue}, not about this change.`,
    }
  }
  const ageDays = Math.floor((nowMs - evidence.madeAtMs) / dayMs)
  if (ageDays >= evidenceAgeDays) {
    return {
      code: 'EVIDENCE_UNKNOWN',
      message: `Evidence ${evidence.id} is ${ageDays} days old; it is valid for ${evidenceAgeDays} days.`,
    }
  }
  if (isImprovement(evidence.comparison)) return undefined
  if (changesNothing(evidence.comparison)) {
    return {
      code: 'CHANGE_WITHOUT_EFFECT',
      message: `On the ${describeSize(evidence.comparison)} of evidence ${evidence.id} both values of ${change.parameter} give the same scores.`,
    }
  }
  return {
    code: 'EVIDENCE_NOT_CONVINCING',
    message: `On the same ${describeSize(evidence.comparison)} the score of ${change.asset} changes by ${describeShare(evidence.comparison)} (evidence ${evidence.id}); the interval must be below zero.`,
  }
}

/** Such as `480 prompts of 20 days`. */
export function describeSize({ count, days }: Pick<PairedComparison, 'count' | 'days'>): string {
  return `${counted(count, 'prompt')} of ${counted(days, 'day')}`
}

/** Such as `-1.2 % (-2.0 to -0.5)`. */
export function describeShare({ relativeDifference, interval }: PairedComparison): string {
  const percent = (share: number): string => `${share > 0 ? '+' : ''}${(share * 100).toFixed(2)}`
  return `${percent(relativeDifference)} % (${percent(interval[0])} to ${percent(interval[1])})`
}
