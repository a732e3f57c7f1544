import { nearestName } from '#core/base/text/nearest-name'
import { blendMembers } from '#core/forecast/models/model-names'
import { type Horizon, horizons } from '#core/synth/prompts/horizon'
import { type Limits, type NumberName, numberNames, numberParameters } from './number-parameters.ts'

/** What a proposal may change, by the names that a person types. */
export type Parameter =
  | { readonly kind: 'number'; readonly name: NumberName }
  | { readonly kind: 'champion'; readonly name: `champion_${Horizon}`; readonly horizon: Horizon }
  | {
      readonly kind: 'weight'
      readonly name: `blend_${Horizon}.${string}`
      readonly horizon: Horizon
      readonly model: string
    }

export type ParameterValue = number | string

/** The operator's own bounds, by asset and parameter. */
export type LimitOverrides = Readonly<
  Record<string, Readonly<Record<string, { readonly [K in keyof Limits]?: number | undefined }>>>
>

const weightLimits: Limits = { min: 0, max: 1, step: 0.1 }

/** Added to the step before comparing: in binary 0.93 - 0.92 is more than 0.01. */
export const stepTolerance = 1e-9

/** The daily cap follows seasons, not weeks: once a quarter, in addition to the other rules. */
const quarterlyDays = 90

export function parameterNames(models: readonly string[]): string[] {
  const weights = horizons.flatMap((horizon) => blendMembers(models).map((model) => `blend_${horizon}.${model}`))
  return [...numberNames, 'champion_low', 'champion_high', ...weights]
}

export type FoundParameter =
  | { readonly ok: true; readonly parameter: Parameter }
  | { readonly ok: false; readonly nearest: string | undefined; readonly known: readonly string[] }

export function findParameter(text: string, models: readonly string[]): FoundParameter {
  const parameter = toParameter(text)
  if (parameter !== undefined && (parameter.kind !== 'weight' || blendMembers(models).includes(parameter.model))) {
    return { ok: true, parameter }
  }
  const known = parameterNames(models)
  const words = text.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()
  // A part of a name, such as sigma_cap, is many letters away from the whole name, and still clear.
  const whole = words.length < 3 ? undefined : known.find((name) => name.includes(words))
  return { ok: false, nearest: whole ?? nearestName(words, known), known }
}

/** Without asking whether the model is installed now: the ledger may name one that was removed. */
export function toParameter(name: string): Parameter | undefined {
  const number = numberNames.find((known) => known === name)
  if (number !== undefined) return { kind: 'number', name: number }
  const [, what, horizon, model] = /^(champion|blend)_(low|high)(?:[.](.+))?$/.exec(name) ?? []
  if (what === 'champion' && model === undefined) {
    return { kind: 'champion', name: `champion_${horizon as Horizon}`, horizon: horizon as Horizon }
  }
  if (what === 'blend' && model !== undefined) {
    return { kind: 'weight', name: `blend_${horizon as Horizon}.${model}`, horizon: horizon as Horizon, model }
  }
  return undefined
}

/** Undefined for a champion, which is chosen and has no bounds. */
export function limitsOf(asset: string, parameter: Parameter, overrides: LimitOverrides = {}): Limits | undefined {
  if (parameter.kind === 'champion') return undefined
  const general = parameter.kind === 'weight' ? weightLimits : numberParameters[parameter.name].limits
  const own = overrides[asset]?.[parameter.name]
  return { min: own?.min ?? general.min, max: own?.max ?? general.max, step: own?.step ?? general.step }
}

/** So many steps from the value, within the bounds. */
export function valueAway(
  asset: string,
  parameter: Parameter,
  from: ParameterValue,
  steps: number,
  overrides: LimitOverrides,
): number {
  const { min, max, step } = limitsOf(asset, parameter, overrides)!
  return Math.min(Math.max(Number((Number(from) + steps * step).toFixed(9)), min), max)
}

/** Days between two changes of this parameter, in addition to the rule for all. */
export function ownWaitDays(parameter: Parameter): number | undefined {
  return parameter.name === 'sigma_cap_daily' ? quarterlyDays : undefined
}

/** The prompts that the parameter can change. */
export function horizonsOf(parameter: Parameter): readonly Horizon[] {
  return parameter.kind === 'number' ? numberParameters[parameter.name].horizons : [parameter.horizon]
}

/** A number, or the name of an installed model; a sentence when the text is neither. */
export function readValue(
  parameter: Parameter,
  text: string,
  models: readonly string[],
): { readonly ok: true; readonly value: ParameterValue } | { readonly ok: false; readonly problem: string } {
  if (parameter.kind === 'champion') {
    if (models.includes(text)) return { ok: true, value: text }
    const near = nearestName(text, models)
    const guess = near === undefined ? '' : ` Did you mean ${near}?`
    return { ok: false, problem: `There is no model ${text}.${guess} Known are ${models.join(', ')}.` }
  }
  const value = /^[+-]?(\d+([.]\d*)?|[.]\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
  if (!Number.isFinite(value)) return { ok: false, problem: `${parameter.name} is a number; "${text}" is not.` }
  return { ok: true, value }
}
