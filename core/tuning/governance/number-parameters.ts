import type { SingleModel } from '#core/forecast/models/model-names'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import { readTuning, type TuningField, withTuning } from '#core/forecast/parameters/calibrated-tuning'
import { type Horizon, horizons } from '#core/synth/prompts/horizon'

export interface Limits {
  readonly min: number
  readonly max: number
  /** Largest difference of one change. */
  readonly step: number
}

interface NumberRange {
  /** The value is between these two, whatever bounds are set: beyond them the models have no meaning. */
  readonly above: number
  readonly below: number
  /** Bounds of a change, unless the operator sets others. */
  readonly limits: Limits
}

interface NumberParameter extends NumberRange {
  readonly read: (parameters: AssetParameters) => number
  readonly with: (parameters: AssetParameters, value: number) => AssetParameters
  /** The models that read it, and the prompts that they read it for. */
  readonly models: readonly SingleModel[]
  readonly horizons: readonly Horizon[]
}

const unbounded = Number.POSITIVE_INFINITY
const aboutZero = -Number.EPSILON
const ofVariance = { models: ['ewma', 'seed'], horizons } as const

type PlainField = keyof AssetParameters & ('lambda' | 'df' | 'sigmaCapDaily' | 'shrinkHigh')

function plain(field: PlainField, range: NumberRange, use: Pick<NumberParameter, 'models' | 'horizons'>) {
  return {
    ...range,
    ...use,
    read: (parameters: AssetParameters) => parameters[field],
    with: (parameters: AssetParameters, value: number) => ({ ...parameters, [field]: value }),
  }
}

function ofCalibrated(horizon: Horizon, field: TuningField, range: NumberRange) {
  return {
    ...range,
    models: ['calibrated'],
    horizons: [horizon],
    read: (parameters: AssetParameters) => readTuning(parameters, horizon, field),
    with: (parameters: AssetParameters, value: number) => withTuning(parameters, horizon, field, value),
  } as const
}

const level = { above: 0, below: 10, limits: { min: 0.5, max: 2, step: 0.05 } }
const levelSd = { above: aboutZero, below: 5, limits: { min: 0, max: 2, step: 0.1 } }
// Beyond this the scales of the heaviest fitted set are too far apart for the sampler.
const tail = { above: aboutZero, below: 1.6, limits: { min: 0, max: 1.5, step: 0.1 } }
const memory = { above: -1, below: 1, limits: { min: -0.5, max: 0.5, step: 0.1 } }

/** The numbers that a proposal or the name of a model may set, by the words that a person types. */
export const numberParameters = {
  lambda: plain(
    'lambda',
    { above: 0, below: 1, limits: { min: 0.8, max: 0.99, step: 0.01 } },
    // The last rung uses the last variance of the same state.
    { models: ['ewma', 'seed', 'lastSigma'], horizons },
  ),
  // At 2 degrees of freedom and below there is no variance.
  df: plain('df', { above: 2, below: unbounded, limits: { min: 3, max: 50, step: 1 } }, ofVariance),
  sigma_cap_daily: plain(
    'sigmaCapDaily',
    { above: 0, below: unbounded, limits: { min: 0.01, max: 0.2, step: 0.01 } },
    ofVariance,
  ),
  // Not 0: prices that never move are not a forecast.
  shrink_high: plain(
    'shrinkHigh',
    { above: 0, below: unbounded, limits: { min: 0.1, max: 100, step: 0.1 } },
    { ...ofVariance, horizons: ['high'] },
  ),
  level_low: ofCalibrated('low', 'level', level),
  level_high: ofCalibrated('high', 'level', level),
  level_sd_low: ofCalibrated('low', 'levelSd', levelSd),
  level_sd_high: ofCalibrated('high', 'levelSd', levelSd),
  tail_low: ofCalibrated('low', 'tail', tail),
  tail_high: ofCalibrated('high', 'tail', tail),
  memory_low: ofCalibrated('low', 'memory', memory),
  memory_high: ofCalibrated('high', 'memory', memory),
} as const satisfies Readonly<Record<string, NumberParameter>>

export type NumberName = keyof typeof numberParameters

export const numberNames = Object.keys(numberParameters) as NumberName[]

/** False for what is no number at all. */
export function hasMeaning(name: NumberName, value: number): boolean {
  const { above, below } = numberParameters[name]
  return value > above && value < below
}

/** Whether this model, or a blend with it, forecasts otherwise with another value. */
export function readsNumber(model: string, name: NumberName): boolean {
  return numberParameters[name].models.some((reader) => reader === model)
}

export function readNumber(parameters: AssetParameters, name: NumberName): number {
  return numberParameters[name].read(parameters)
}

export function withNumber(parameters: AssetParameters, name: NumberName, value: number): AssetParameters {
  return numberParameters[name].with(parameters, value)
}
