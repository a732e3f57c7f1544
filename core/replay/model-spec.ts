import { z } from 'zod'
import { UsageError } from '../errors/app-error.ts'
import type { AssetParameters } from '../governance/asset-parameters.ts'
import { withSlot } from '../governance/change-parameters.ts'
import { defaultParameters } from '../governance/default-parameters.ts'
import { numberNames, toParameter } from '../governance/parameter-catalogue.ts'
import { canonicalJson } from '../json/canonical-json.ts'
import type { JsonValue } from '../json/strict-json.ts'
import type { HashText } from '../models/parameter-file.ts'
import { nearestName } from '../text/nearest-name.ts'

/** Models that forecast again from stored minutes. */
export const replayModels = ['reference', 'seed', 'ewma', 'calibrated', 'blend'] as const
export type ReplayModel = (typeof replayModels)[number]

const shares = z.record(z.string(), z.number())

export const ReplayModelSpec = z.strictObject({
  model: z.enum(replayModels),
  parameters: z.strictObject({
    lambda: z.number().gt(0).lt(1),
    df: z.number().gt(2),
    sigmaCapDaily: z.number().positive(),
    shrinkHigh: z.number().positive(),
    champion: z.strictObject({ low: z.string(), high: z.string() }),
    blend: z.strictObject({ low: shares, high: shares }),
  }),
  /** Of the calibrated sets, where the model reads them: other sets are another model. */
  sets: z.string(),
})

/** One model with all its numbers, for one asset. */
export type ReplayModelSpec = z.output<typeof ReplayModelSpec>

/** A model as it was asked for: the same for every asset, with each asset's own numbers where none are given. */
export interface ModelRequest {
  readonly model: ReplayModel
  /** `lambda`, `df`, `sigma_cap_daily`, `shrink_high`. */
  readonly numbers: Readonly<Record<string, number>>
  /** Shares of a blend. */
  readonly shares: Readonly<Record<string, number>>
}

const bounds = ReplayModelSpec.shape.parameters.shape
const boundOf: Readonly<Record<string, z.ZodNumber>> = {
  lambda: bounds.lambda,
  df: bounds.df,
  sigma_cap_daily: bounds.sigmaCapDaily,
  shrink_high: bounds.shrinkHigh,
}

/** `ewma`, `ewma:lambda=0.93,df=4`, `blend:calibrated=0.7,ewma=0.3,lambda=0.93`. */
export function parseModel(text: string): ModelRequest {
  const [name = '', ...rest] = text.split(':')
  const model = replayModels.find((known) => known === name)
  if (model === undefined) {
    const near = nearestName(name, replayModels)
    const guess = near === undefined ? '' : ` Did you mean ${near}?`
    throw unknown(`No model "${name}" can forecast again.${guess} Known: ${replayModels.join(', ')}.`)
  }
  const numbers: Record<string, number> = {}
  const given: Record<string, number> = {}
  for (const pair of rest.join(':').split(',').filter(Boolean)) {
    const [key = '', valueText = ''] = pair.split('=')
    const value = valueText.trim() === '' ? Number.NaN : Number(valueText)
    if (numberNames.some((known) => known === key) && usesEwma(model)) {
      if (boundOf[key]?.safeParse(value).success !== true) throw unknown(`${key} cannot be "${valueText}".`)
      numbers[key] = value
    } else if (model === 'blend' && replayModels.some((known) => known === key && known !== 'blend')) {
      if (!(value >= 0 && value <= 1)) throw unknown(`The share of ${key} is "${valueText}", but must be from 0 to 1.`)
      given[key] = value
    } else {
      throw unknown(`${model} has no parameter "${key}".${describeKeys(model)}`)
    }
  }
  if (model === 'blend' && !(Object.values(given).reduce((sum, share) => sum + share, 0) > 0)) {
    throw unknown('A blend needs the shares of its models, such as "blend:calibrated=0.7,ewma=0.3".')
  }
  return { model, numbers, shares: given }
}

/** One text for one model: what its scores are filed under. */
export function writeModel({ model, numbers, shares: given }: ModelRequest, setsHash: string): string {
  const pairs = Object.entries({ ...given, ...numbers }).sort(([a], [b]) => (a < b ? -1 : 1))
  const text = pairs.map(([key, value]) => `${key}=${value}`).join(',')
  return `${model}${text === '' ? '' : `:${text}`}${readsSets(model, given) ? `@${setsHash.slice(0, 8)}` : ''}`
}

export function specFor(
  { model, numbers, shares: given }: ModelRequest,
  asset: string,
  setsHash: string,
): ReplayModelSpec {
  let parameters: AssetParameters = defaultParameters(asset)
  for (const [name, value] of Object.entries(numbers)) {
    const parameter = toParameter(name)
    if (parameter !== undefined) parameters = withSlot(parameters, parameter, value)
  }
  const blend = model === 'blend' ? { low: { ...given }, high: { ...given } } : parameters.blend
  return {
    model,
    parameters: { ...parameters, champion: { ...parameters.champion }, blend: toShares(blend) },
    sets: readsSets(model, given) ? setsHash : '',
  }
}

/** What a parameter set answers with, at one horizon or the other. */
export function nameOfSpec(spec: ReplayModelSpec, hashText: HashText): string {
  return `${spec.model}#${hashText(canonicalJson(spec as unknown as JsonValue)).slice(0, 16)}`
}

export function toShares({ low, high }: AssetParameters['blend']): ReplayModelSpec['parameters']['blend'] {
  return { low: { ...low }, high: { ...high } }
}

export function usesEwma(model: ReplayModel): boolean {
  return model === 'ewma' || model === 'blend'
}

function readsSets(model: ReplayModel, given: Readonly<Record<string, number>>): boolean {
  return model === 'calibrated' || (model === 'blend' && (given['calibrated'] ?? 0) > 0)
}

function describeKeys(model: ReplayModel): string {
  if (!usesEwma(model)) return ' It takes none.'
  return ` Known: ${[...numberNames, ...(model === 'blend' ? ['shares of models'] : [])].join(', ')}.`
}

function unknown(message: string): UsageError {
  return new UsageError('MODEL_UNKNOWN', message)
}
