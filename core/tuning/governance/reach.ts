import type { Rung } from '#core/forecast/journal/rung'
import { askedModels } from '#core/forecast/ladder/asked-models'
import { blendName } from '#core/forecast/models/model-names'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import { type Horizon, horizonLabel, horizons } from '#core/synth/prompts/horizon'
import { type NumberName, numberParameters, readsNumber } from './number-parameters.ts'
import { horizonsOf, type Parameter } from './parameter-catalogue.ts'

/** An answer of the journal, as far as it says who made it. */
export interface ServedAnswer {
  readonly startAtMs: number
  readonly rung: Rung
  readonly model: string
  /** The approved champion of then; a hotkey may have had another. */
  readonly champion: string
}

/** What the gate knows of the answers: which of them a change would alter. */
export interface ServedAnswers {
  /** The newest answers of the asset at this horizon, at most `count`, newest first. */
  lastServed(asset: string, horizon: Horizon, count: number): readonly ServedAnswer[]
  /** Whether the rules ask for it at all; for an asset without an answer so far. */
  isAsked(asset: string, horizon: Horizon): boolean
  /** Whether the calibrated model has a set for it. */
  isCalibrated(asset: string, horizon: Horizon): boolean
}

/** Which answers of an asset a parameter has a part in. */
export interface Reach {
  /** The models that read the parameter; of a champion's name none, since it chooses the model. */
  readonly models: readonly string[]
  readonly altered: number
  readonly total: number
  /** `planned`: nothing was served yet, and each kind of prompt counts once. */
  readonly basis: 'served' | 'planned'
  readonly servedBy: readonly { readonly horizon: Horizon; readonly models: readonly string[] }[]
}

/** So many of the newest answers are counted. */
const countedAnswers = 50

interface Answer {
  readonly horizon: Horizon
  readonly atMs: number
  readonly model: string
}

/**
 * Counted on the newest answers that the parameter could have a part in. An answer of the approved champion counts for
 * the present one; one of a lower rung, or of a hotkey's own champion, for the model that made it.
 */
export function reachOf(
  served: ServedAnswers,
  asset: string,
  parameter: Parameter,
  parameters: AssetParameters,
): Reach {
  const possible = horizonsOf(parameter)
  const stored = possible
    .flatMap((horizon) =>
      served.lastServed(asset, horizon, countedAnswers).map(({ startAtMs, rung, model, champion }): Answer => {
        const isChampion = rung === 'champion' && model === champion
        return { horizon, atMs: startAtMs, model: isChampion ? parameters.champion[horizon] : model }
      }),
    )
    .sort((a, b) => b.atMs - a.atMs)
    .slice(0, countedAnswers)
  const answers = stored.length > 0 ? stored : planned(served, asset, possible, parameters)
  const models = readersOf(parameter)
  const isReached = ({ horizon, model }: Answer): boolean =>
    parameter.kind === 'champion' ||
    [model, ...askedModels(model, parameters, horizon)].some((name) => models.includes(name))
  return {
    models,
    altered: answers.filter(isReached).length,
    total: answers.length,
    basis: stored.length > 0 ? 'served' : 'planned',
    servedBy: possible.flatMap((horizon) => {
      const names = answers.filter((answer) => answer.horizon === horizon).map(({ model }) => model)
      return names.length === 0 ? [] : [{ horizon, models: byCount(names) }]
    }),
  }
}

/** The model that serves most of the newest answers at this horizon. */
export function servingModel(
  served: ServedAnswers,
  asset: string,
  horizon: Horizon,
  parameters: AssetParameters,
): string | undefined {
  const parameter: Parameter = { kind: 'champion', name: `champion_${horizon}`, horizon }
  return reachOf(served, asset, parameter, parameters).servedBy[0]?.models[0]
}

function planned(
  served: ServedAnswers,
  asset: string,
  possible: readonly Horizon[],
  { champion }: AssetParameters,
): Answer[] {
  return possible
    .filter((horizon) => served.isAsked(asset, horizon))
    .map((horizon) => {
      const isMissing = champion[horizon] === 'calibrated' && !served.isCalibrated(asset, horizon)
      return { horizon, atMs: 0, model: isMissing ? 'ewma' : champion[horizon] }
    })
}

function readersOf(parameter: Parameter): readonly string[] {
  switch (parameter.kind) {
    case 'number':
      return numberParameters[parameter.name].models
    case 'weight':
    case 'shares':
      return [blendName]
    case 'champion':
      return []
  }
}

/** What does for the calibrated model what these do for the models of one variance, and in which direction. */
const counterparts = [
  { plain: 'lambda', tuned: 'memory', sign: -1 },
  { plain: 'df', tuned: 'tail', sign: -1 },
  { plain: 'sigma_cap_daily', tuned: 'level', sign: 1 },
  { plain: 'shrink_high', tuned: 'level', sign: 1 },
] as const

export interface Counterpart {
  readonly name: NumberName
  /** -1: a higher value there does what a lower value does here. */
  readonly sign: 1 | -1
}

/** Parameters of the models that do serve, which have the effect that this one has on others. */
export function insteadOf(parameter: Parameter, reach: Reach): Counterpart[] {
  if (parameter.kind !== 'number') return []
  const found = reach.servedBy.flatMap(({ horizon, models }): Counterpart[] =>
    counterparts.flatMap(({ plain, tuned, sign }): Counterpart[] => {
      const own = `${tuned}_${horizon}` as const
      if (parameter.name === plain && models.includes('calibrated')) return [{ name: own, sign }]
      // The cap is no factor: nothing but the hour's shrink scales a variance.
      const isPlain = plain !== 'sigma_cap_daily' && numberParameters[plain].horizons.some((each) => each === horizon)
      return parameter.name === own && isPlain && models.some((model) => readsNumber(model, plain))
        ? [{ name: plain, sign }]
        : []
    }),
  )
  return found.filter(({ name }, i) => found.findIndex((other) => other.name === name) === i)
}

function byCount(names: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a).map(([name]) => name)
}

/** Such as `lambda belongs to ewma; BTC 24h is served by calibrated; this change would alter 0 of the last 50 answers`. */
export function describeReach(asset: string, parameter: Parameter, reach: Reach, change = 'this change'): string {
  const { models, altered, total, basis, servedBy } = reach
  const parts = models.length === 0 ? [] : [`${parameter.name} belongs to ${inWords(models)}`]
  const isPlanned = basis === 'planned'
  const groups = new Map<string, Horizon[]>()
  for (const { horizon, models: names } of servedBy) {
    const name = inWords(names)
    groups.set(name, [...(groups.get(name) ?? []), horizon])
  }
  for (const [names, own] of groups) {
    const labels = horizons.filter((horizon) => own.includes(horizon)).map(horizonLabel)
    const verb = isPlanned ? 'would be' : labels.length === 1 ? 'is' : 'are'
    parts.push(`${asset} ${inWords(labels)} ${verb} served by ${names}`)
  }
  if (total === 0) parts.push(`the subnet asks for no such forecast of ${asset}`)
  else if (isPlanned) {
    parts.push(
      `nothing was served yet; ${change} would alter ${altered} of ${total === 1 ? '1 kind' : `${total} kinds`} of answers`,
    )
  } else if (total === 1) {
    parts.push(`${change} would ${altered === 1 ? 'alter the only answer' : 'not alter the only answer'} so far`)
  } else parts.push(`${change} would alter ${altered} of the last ${total} answers`)
  return `${parts.join('; ')}.`
}

function inWords(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? 'no model') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
