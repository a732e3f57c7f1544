import { minuteMs } from '#core/base/time/units'
import type { PastFeature, TimeFeature } from './feature-list.ts'
import type { NamedTensor } from './inference-runtime.ts'
import { type ModelInput, type ModelManifest, minutesNeeded, type PastInput } from './manifest.ts'
import { MinuteFacts } from './minute-facts.ts'
import type { MinuteWindow } from './recent-closes.ts'
import { timeFeature } from './time-features.ts'

export interface InputQuestion {
  readonly asset: string
  readonly startAtMs: number
}

export type InputsAnswer =
  | { readonly ok: true; readonly tensors: readonly NamedTensor[] }
  | { readonly ok: false; readonly reason: string }

/**
 * The inputs of a model for one forecast: a pure function of what was known before its start, so that training and
 * serving cannot differ. The rows of the past end with the window, at any second of the hour.
 */
export function buildInputs(manifest: ModelManifest, question: InputQuestion, window: MinuteWindow): InputsAnswer {
  const needed = minutesNeeded(manifest)
  if (window.closes.length < needed) {
    return refuse(`${window.closes.length} minutes of ${question.asset} known, but ${needed} are needed`)
  }
  if (window.endsAtMs > question.startAtMs) return refuse('the window ends after the start of the forecast')
  const { largestAgeSeconds, largestUnknownShare } = manifest.window
  const ageSeconds = (question.startAtMs - window.endsAtMs) / 1000
  if (ageSeconds > largestAgeSeconds) {
    return refuse(
      `the last close of ${question.asset} is ${ageSeconds} s old, the model accepts ${largestAgeSeconds} s`,
    )
  }
  const facts = new MinuteFacts({ ...window, closes: window.closes.subarray(window.closes.length - needed) })
  if (facts.unknownShare > largestUnknownShare) {
    const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
    return refuse(
      `${percent(facts.unknownShare)} of the minutes of ${question.asset} are unknown, the model accepts ${percent(largestUnknownShare)}`,
    )
  }
  if (manifest.inputs.some((input) => input.kind === 'past') && facts.moves === 0) {
    return refuse(`no two minutes in a row of ${question.asset} are known`)
  }
  const tensors = manifest.inputs.map((input) => tensorOf(input, manifest, question, facts, window.endsAtMs))
  const broken = tensors.find(({ values }) => !values.every((value) => Number.isFinite(value)))
  return broken === undefined ? { ok: true, tensors } : refuse(`input ${broken.name} is not finite`)
}

function tensorOf(
  input: ModelInput,
  { grid, serves }: ModelManifest,
  { asset, startAtMs }: InputQuestion,
  facts: MinuteFacts,
  endsAtMs: number,
): NamedTensor {
  switch (input.kind) {
    case 'past':
      return pastTensor(input, facts, endsAtMs)
    case 'ahead':
      return aheadTensor(input.tensor, input.features, grid, startAtMs)
    case 'asset':
      return assetTensor(input.tensor, serves.assets, asset)
  }
}

function pastTensor(
  { tensor, stepSeconds, rows, features }: PastInput,
  facts: MinuteFacts,
  endsAtMs: number,
): NamedTensor {
  const stepMinutes = stepSeconds / 60
  const values = new Float32Array(rows * features.length)
  for (let row = 0; row < rows; row += 1) {
    const minutesBefore = (rows - 1 - row) * stepMinutes
    const minute = facts.minutes - 1 - minutesBefore
    const middleMs = endsAtMs - (minutesBefore + stepMinutes / 2) * minuteMs
    for (const [j, feature] of features.entries()) {
      values[row * features.length + j] = normalise(feature, pastFeature(feature, facts, minute, stepMinutes, middleMs))
    }
  }
  return { name: tensor, dims: [1, rows, features.length], values }
}

function pastFeature(
  feature: PastFeature,
  facts: MinuteFacts,
  minute: number,
  stepMinutes: number,
  middleMs: number,
): number {
  switch (feature.kind) {
    case 'logReturn':
      return facts.logClose(minute) - facts.logClose(minute - stepMinutes)
    case 'absLogReturn':
      return Math.abs(facts.logClose(minute) - facts.logClose(minute - stepMinutes))
    case 'logRealizedVariance':
      return facts.logRealisedVariance(minute, feature.minutes)
    case 'logPriceToLast':
      return facts.logClose(minute) - facts.logClose(facts.minutes - 1)
    case 'knownShare':
      return facts.knownShare(minute, stepMinutes)
    case 'daySin':
    case 'dayCos':
    case 'weekSin':
    case 'weekCos':
    case 'isWeekend':
      return timeFeature(feature, middleMs)
  }
}

function aheadTensor(
  name: string,
  features: readonly TimeFeature[],
  { stepSeconds, steps }: ModelManifest['grid'],
  startAtMs: number,
): NamedTensor {
  const values = new Float32Array(steps * features.length)
  for (let k = 0; k < steps; k += 1) {
    const middleMs = startAtMs + (k + 0.5) * stepSeconds * 1000
    for (const [j, feature] of features.entries()) {
      values[k * features.length + j] = normalise(feature, timeFeature(feature, middleMs))
    }
  }
  return { name, dims: [1, steps, features.length], values }
}

function assetTensor(name: string, assets: readonly string[], asset: string): NamedTensor {
  return { name, dims: [1, assets.length], values: Float32Array.from(assets, (other) => (other === asset ? 1 : 0)) }
}

function normalise(feature: PastFeature | TimeFeature, value: number): number {
  const normal = (value - feature.mean) / feature.sd
  return feature.clip === undefined ? normal : Math.min(Math.max(normal, -feature.clip), feature.clip)
}

function refuse(reason: string): InputsAnswer {
  return { ok: false, reason }
}
