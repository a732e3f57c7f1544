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
  /** All shares of a blend at once; as a value they are written `calibrated=0.7,ewma=0.3`. */
  | { readonly kind: 'shares'; readonly name: `blend_${Horizon}`; readonly horizon: Horizon }

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
  return [...numberNames, 'champion_low', 'champion_high', 'blend_low', 'blend_high', ...weights]
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
  if (what === 'blend') {
    const name = `blend_${horizon as Horizon}` as const
    return model === undefined
      ? { kind: 'shares', name, horizon: horizon as Horizon }
      : { kind: 'weight', name: `${name}.${model}`, horizon: horizon as Horizon, model }
  }
  return undefined
}

/** One share of a blend, or all of them. */
export function isOfBlend(parameter: Parameter): parameter is Parameter & { readonly kind: 'weight' | 'shares' } {
  return parameter.kind === 'weight' || parameter.kind === 'shares'
}

/** Undefined for a champion, which is chosen and has no bounds. Those of the shares of a blend hold for each share. */
export function limitsOf(asset: string, parameter: Parameter, overrides: LimitOverrides = {}): Limits | undefined {
  if (parameter.kind === 'champion') return undefined
  const general = isOfBlend(parameter) ? weightLimits : numberParameters[parameter.name].limits
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

type ReadValue =
  | { readonly ok: true; readonly value: ParameterValue }
  | { readonly ok: false; readonly problem: string }

/** A number, the name of an installed model, or shares of models; a sentence when the text is none of them. */
export function readValue(parameter: Parameter, text: string, models: readonly string[]): ReadValue {
  if (parameter.kind === 'champion') {
    if (models.includes(text)) return { ok: true, value: text }
    const near = nearestName(text, models)
    const guess = near === undefined ? '' : ` Did you mean ${near}?`
    return { ok: false, problem: `There is no model ${text}.${guess} Known are ${models.join(', ')}.` }
  }
  if (parameter.kind === 'shares') return readShareText(parameter.name, text, blendMembers(models))
  const value = /^[+-]?(\d+([.]\d*)?|[.]\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
  if (!Number.isFinite(value)) return { ok: false, problem: `${parameter.name} is a number; "${text}" is not.` }
  return { ok: true, value }
}

/** The decimals of fitted shares are few; what a person adds up may be off by a rounding. */
const sumTolerance = 1e-9

function readShareText(name: string, text: string, members: readonly string[]): ReadValue {
  const shares: Record<string, number> = {}
  for (const pair of text.split(',')) {
    const [model = '', number = ''] = pair.trim().split('=')
    const share = number.trim() === '' ? Number.NaN : Number(number)
    if (!(share >= 0 && share <= 1) || Object.hasOwn(shares, model)) {
      return {
        ok: false,
        problem: `${name} is a list such as calibrated=0.7,ewma=0.3; "${pair.trim()}" is not part of one.`,
      }
    }
    if (!members.includes(model)) {
      return { ok: false, problem: `There is no model ${model} for a blend. Known are ${members.join(', ')}.` }
    }
    shares[model] = share
  }
  const sum = Object.values(shares).reduce((total, share) => total + share, 0)
  if (Math.abs(sum - 1) > sumTolerance) {
    return { ok: false, problem: `The shares of ${name} must add up to 1; these add up to ${Number(sum.toFixed(9))}.` }
  }
  return { ok: true, value: writeShares(shares) }
}

/** One text for one blend: in the order of the names, without those that have no share. */
export function writeShares(shares: Readonly<Record<string, number>>): string {
  const present = Object.entries(shares).filter(([, share]) => share > 0)
  return present
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([model, share]) => `${model}=${share}`)
    .join(',')
}

/** Of a text that `writeShares` wrote. */
export function readShares(text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(',').map((pair): [string, number] => {
      const [model = '', share] = pair.split('=')
      return [model, Number(share)]
    }),
  )
}
