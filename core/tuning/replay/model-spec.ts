import { z } from 'zod'
import { UsageError } from '#core/base/errors/app-error'
import { canonicalJson } from '#core/base/json/canonical-json'
import type { JsonValue } from '#core/base/json/strict-json'
import type { HashText } from '#core/base/text/hash-text'
import { nearestName } from '#core/base/text/nearest-name'
import { askedModels } from '#core/forecast/ladder/asked-models'
import { isOnnxName, type OnnxName, replayModels } from '#core/forecast/models/model-names'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'
import { type Horizon, horizons } from '#core/synth/prompts/horizon'
import { parseInstantMs } from '#core/synth/regimes/instant'
import {
  hasMeaning,
  type NumberName,
  numberNames,
  numberParameters,
  readsNumber,
  withNumber,
} from '../governance/number-parameters.ts'

/** In addition: files of models.dir, and the effective champion of a horizon. */
export type ReplayModel = (typeof replayModels)[number] | OnnxName | typeof championModel
export const championModel = 'champion'

/** The models that a champion or a share of a blend may name and that can be forecast again. */
export function isReplayable(name: string): name is Exclude<ReplayModel, typeof championModel> {
  return replayModels.some((known) => known === name) || isOnnxName(name)
}

const shares = z.record(z.string(), z.number())

function numberOf(name: NumberName): z.ZodNumber {
  const { above, below } = numberParameters[name]
  return z.number().gt(above).lt(below)
}

function tuningOf(horizon: Horizon) {
  return z
    .strictObject({
      level: numberOf(`level_${horizon}`).exactOptional(),
      levelSd: numberOf(`level_sd_${horizon}`).exactOptional(),
      tail: numberOf(`tail_${horizon}`).exactOptional(),
      memory: numberOf(`memory_${horizon}`).exactOptional(),
    })
    .exactOptional()
}

export const ReplayModelSpec = z.strictObject({
  model: z.custom<ReplayModel>((name) => typeof name === 'string' && (isReplayable(name) || name === championModel)),
  parameters: z.strictObject({
    lambda: numberOf('lambda'),
    df: numberOf('df'),
    sigmaCapDaily: numberOf('sigma_cap_daily'),
    shrinkHigh: numberOf('shrink_high'),
    champion: z.strictObject({ low: z.string(), high: z.string() }),
    blend: z.strictObject({ low: shares, high: shares }),
    calibrated: z.strictObject({ low: tuningOf('low'), high: tuningOf('high') }).exactOptional(),
  }),
  /** Of the calibrated sets, if the model reads them: other sets are another model. */
  sets: z.string(),
  /** Hashes of the manifests of its model files, by name; a manifest contains the hash of its file. */
  files: z.record(z.string(), z.string()),
})

/** One model with all its numbers, for one asset. */
export type ReplayModelSpec = z.output<typeof ReplayModelSpec>

/** A requested model: the same for every asset, with each asset's own numbers if none are given. */
export interface ModelRequest {
  readonly model: ReplayModel
  readonly numbers: Readonly<Partial<Record<NumberName, number>>>
  /** Shares of a blend. */
  readonly shares: Readonly<Record<string, number>>
  /** Of the champion: the parameters that were effective then, instead of now. */
  readonly atMs?: number
}

/** What a request is resolved against. */
export interface ModelSources {
  /** Names the effective calibrated sets. */
  readonly setsHash: string
  /** As in the spec. */
  readonly files: Readonly<Record<string, string>>
  /** Of the champion: the parameters of each asset at its instant, and a name for all of them. */
  readonly inForce?: { readonly of: (asset: string) => AssetParameters; readonly hash: string }
}

/**
 * `ewma`, `ewma:lambda=0.93,df=4`, `blend:calibrated=0.7,ewma=0.3,lambda=0.93`, `onnx:hour`, `champion`,
 * `champion:at=2026-10-01`.
 */
export function parseModel(text: string): ModelRequest {
  if (isOnnxName(text)) return { model: text, numbers: {}, shares: {} }
  const [name = '', ...rest] = text.split(':')
  if (name === championModel) return parseChampion(rest.join(':'))
  const model = replayModels.find((known) => known === name)
  if (model === undefined) {
    const named = [...replayModels, championModel]
    const near = nearestName(name, named)
    const guess = near === undefined ? '' : ` Did you mean ${near}?`
    throw unknown(`No model "${text}" can forecast again.${guess} Known: ${named.join(', ')}, onnx:NAME.`)
  }
  const numbers: Partial<Record<NumberName, number>> = {}
  const given: Record<string, number> = {}
  const pairs = rest.join(':').split(',').filter(Boolean)
  const odd = pairs.find((pair) => !pair.includes('='))
  if (odd !== undefined) {
    throw unknown(`"${odd}" in "${text}" is not NAME=NUMBER; a comma begins the next one, so a decimal has a point.`)
  }
  for (const pair of pairs) {
    const [key = '', valueText = ''] = pair.trim().split('=')
    const value = valueText.trim() === '' ? Number.NaN : Number(valueText)
    const number = numberNames.find((known) => known === key)
    if (number !== undefined && takesNumber(model, number)) {
      if (!hasMeaning(number, value)) throw unknown(`${key} cannot be "${valueText}".`)
      numbers[number] = value
    } else if (model === 'blend' && isReplayable(key) && key !== 'blend') {
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

function parseChampion(text: string): ModelRequest {
  const champion = { model: championModel, numbers: {}, shares: {} } as const
  if (text === '') return champion
  const [key, instant = ''] = text.split('=')
  const atMs = parseInstantMs(/^\d{4}-\d{2}-\d{2}$/.test(instant) ? `${instant}T00:00:00Z` : instant)
  if (key !== 'at' || atMs === undefined) {
    throw unknown(`"${text}" is not complete: write "champion", or "champion:at=2026-10-01T12:00Z".`)
  }
  return { ...champion, atMs }
}

/** The model files that a request needs; those of the champion depend on the effective parameters. */
export function filesOf(
  { model, shares: given }: ModelRequest,
  inForce?: ModelSources['inForce'],
  assets: readonly string[] = [],
): OnnxName[] {
  const named = [model, ...Object.keys(given)]
  for (const parameters of inForce === undefined ? [] : assets.map(inForce.of)) named.push(...modelsIn(parameters))
  return [...new Set(named.filter(isOnnxName))].sort()
}

/** Champions of both horizons, and the members of the blends that are champions. */
function modelsIn(parameters: AssetParameters): string[] {
  return horizons.flatMap((horizon) => askedModels(parameters.champion[horizon], parameters, horizon))
}

/** One text for one model: the key of its scores. */
export function writeModel(
  { model, numbers, shares: given }: ModelRequest,
  { setsHash, files, inForce }: ModelSources,
): string {
  const pairs = Object.entries({ ...given, ...numbers }).sort(([a], [b]) => (a < b ? -1 : 1))
  const text = pairs.map(([key, value]) => `${key}=${value}`).join(',')
  const versions = [
    ...(inForce === undefined ? [] : [inForce.hash]),
    ...Object.keys(files)
      .sort()
      .map((name) => files[name]!),
    ...(readsSets(model, given) ? [setsHash] : []),
  ].map((hash) => hash.slice(0, 8))
  return `${model}${text === '' ? '' : `:${text}`}${versions.length === 0 ? '' : `@${versions.join('+')}`}`
}

export function specFor(
  { model, numbers, shares: given }: ModelRequest,
  asset: string,
  { setsHash, files, inForce }: ModelSources,
): ReplayModelSpec {
  let parameters: AssetParameters = inForce?.of(asset) ?? defaultParameters(asset)
  for (const name of numberNames) {
    const value = numbers[name]
    if (value !== undefined) parameters = withNumber(parameters, name, value)
  }
  const blend = model === 'blend' ? { low: { ...given }, high: { ...given } } : parameters.blend
  return {
    model,
    parameters: { ...parameters, champion: { ...parameters.champion }, blend: toShares(blend) },
    sets: readsSets(model, given) ? setsHash : '',
    files: { ...files },
  }
}

/** The model that a parameter set uses, on one of the horizons. */
export function nameOfSpec(spec: ReplayModelSpec, hashText: HashText): string {
  return `${spec.model}#${hashText(canonicalJson(spec as unknown as JsonValue)).slice(0, 16)}`
}

export function toShares({ low, high }: AssetParameters['blend']): ReplayModelSpec['parameters']['blend'] {
  return { low: { ...low }, high: { ...high } }
}

/** A blend may be given the numbers of every member. */
function takesNumber(model: ReplayModel, name: NumberName): boolean {
  return model === 'blend' || readsNumber(model, name)
}

/** A model file is compared with the calibrated forecast, as when serving. */
function readsSets(model: ReplayModel, given: Readonly<Record<string, number>>): boolean {
  if (model === championModel || model === 'calibrated' || isOnnxName(model)) return true
  return (
    model === 'blend' &&
    Object.keys(given).some((name) => (name === 'calibrated' || isOnnxName(name)) && given[name]! > 0)
  )
}

function describeKeys(model: ReplayModel): string {
  const known = [
    ...numberNames.filter((name) => takesNumber(model, name)),
    ...(model === 'blend' ? ['shares of models'] : []),
  ]
  return known.length === 0 ? ' It takes none.' : ` Known: ${known.join(', ')}.`
}

function unknown(message: string): UsageError {
  return new UsageError('MODEL_UNKNOWN', message)
}
