import { minuteMs } from '#core/base/time/units'
import { type BoundFeature, type PastMinutes, showFeature } from './feature.ts'
import type { NamedTensor } from './inference-runtime.ts'
import { type AheadInput, type InputFacts, type ModelInput, minutesNeeded, type PastInput } from './manifest.ts'
import { MarketRows } from './market-rows.ts'
import { MinuteFacts } from './minute-facts.ts'
import type { MinuteWindow } from './recent-closes.ts'

export interface InputQuestion {
  readonly asset: string
  readonly startAtMs: number
  /** The variance of each step of the model's grid as the calibrated model forecasts it; for models with a `baseline`. */
  readonly baseline?: ArrayLike<number> | undefined
}

export type InputsAnswer =
  | { readonly ok: true; readonly tensors: readonly NamedTensor[] }
  | { readonly ok: false; readonly reason: string }

/**
 * The inputs of a model for one forecast: a pure function of what was known before its start, so that training and
 * serving cannot differ. The rows of the past end with the window, at any second of the hour.
 */
export function buildInputs(manifest: InputFacts, question: InputQuestion, given: MinuteWindow): InputsAnswer {
  const needed = minutesNeeded(manifest)
  if (given.closes.length < needed) {
    return refuse(`${given.closes.length} minutes of ${question.asset} known, but ${needed} are needed`)
  }
  if (given.endsAtMs > question.startAtMs) return refuse('the window ends after the start of the forecast')
  const { largestAgeSeconds, largestUnknownShare } = manifest.window
  const ageSeconds = (question.startAtMs - given.endsAtMs) / 1000
  if (ageSeconds > largestAgeSeconds) {
    return refuse(
      `the last close of ${question.asset} is ${ageSeconds} s old, the model accepts ${largestAgeSeconds} s`,
    )
  }
  const window = lastOf(given, needed)
  const facts = new MinuteFacts(window)
  if (facts.unknownShare > largestUnknownShare) {
    return refuse(
      `${percent(facts.unknownShare)} of the minutes of ${question.asset} are unknown, the model accepts ${percent(largestUnknownShare)}`,
    )
  }
  if (manifest.inputs.some((input) => input.kind === 'past') && facts.moves === 0) {
    return refuse(`no two minutes in a row of ${question.asset} are known`)
  }
  const tensors: NamedTensor[] = []
  for (const input of manifest.inputs) {
    const made = tensorOf(input, manifest, question, window, facts)
    if (typeof made === 'string') return refuse(made)
    if (!made.values.every((value) => Number.isFinite(value))) return refuse(`input ${made.name} is not finite`)
    tensors.push(made)
  }
  return { ok: true, tensors }
}

function lastOf({ closes, endsAtMs, candles, others }: MinuteWindow, minutes: number): MinuteWindow {
  const cut = (column: Float64Array): Float64Array => column.subarray(column.length - minutes)
  return {
    closes: cut(closes),
    endsAtMs,
    ...(candles === undefined
      ? {}
      : {
          candles: {
            open: cut(candles.open),
            high: cut(candles.high),
            low: cut(candles.low),
            volume: cut(candles.volume),
          },
        }),
    ...(others === undefined
      ? {}
      : { others: new Map([...others].map(([asset, other]) => [asset, cut(other)] as const)) }),
  }
}

/** A sentence: why it cannot be made. */
function tensorOf(
  input: ModelInput,
  manifest: InputFacts,
  question: InputQuestion,
  window: MinuteWindow,
  facts: MinuteFacts,
): NamedTensor | string {
  const { grid, serves } = manifest
  switch (input.kind) {
    case 'past':
      return pastTensor(input, manifest, question, window, facts)
    case 'ahead':
      return aheadTensor(input, manifest, question, { minutes: facts, endsAtMs: window.endsAtMs })
    case 'baseline':
      return baselineTensor(input.tensor, grid, question)
    case 'asset':
      return assetTensor(input.tensor, serves.assets, question.asset)
  }
}

function pastTensor(
  { tensor, stepSeconds, rows: count, features }: PastInput,
  manifest: InputFacts,
  { asset }: InputQuestion,
  window: MinuteWindow,
  facts: MinuteFacts,
): NamedTensor | string {
  const stepMinutes = stepSeconds / 60
  const rows = new MarketRows(window, facts, count, stepMinutes)
  const past = { minutes: facts, endsAtMs: window.endsAtMs }
  const middleMs = (row: number): number =>
    window.endsAtMs - ((count - 1 - row) * stepMinutes + stepMinutes / 2) * minuteMs
  const columns = features.map(({ definition, settings }) =>
    definition.source === 'market'
      ? definition.values(settings, rows)
      : Float64Array.from({ length: count }, (_, row) => definition.at(settings, middleMs(row), past)),
  )
  return tensorOfColumns(tensor, features, columns, count, manifest, asset)
}

function aheadTensor(
  { tensor, features }: AheadInput,
  manifest: InputFacts,
  { asset, startAtMs }: InputQuestion,
  past: PastMinutes,
): NamedTensor | string {
  const { stepSeconds, steps } = manifest.grid
  const columns = features.map(({ definition, settings }) =>
    Float64Array.from({ length: steps }, (_, k) =>
      definition.at(settings, startAtMs + (k + 0.5) * stepSeconds * 1000, past),
    ),
  )
  return tensorOfColumns(tensor, features, columns, steps, manifest, asset)
}

function tensorOfColumns(
  name: string,
  features: readonly BoundFeature[],
  columns: readonly ArrayLike<number>[],
  count: number,
  { window: { largestUnknownShare } }: InputFacts,
  asset: string,
): NamedTensor | string {
  const values = new Float32Array(count * features.length)
  for (const [j, feature] of features.entries()) {
    let unknown = 0
    for (let row = 0; row < count; row += 1) {
      const value = columns[j]![row]!
      if (Number.isNaN(value)) unknown += 1
      values[row * features.length + j] = normalise(feature, value)
    }
    if (unknown / count > largestUnknownShare) {
      return `${showFeature(feature)} of ${asset} is unknown in ${percent(unknown / count)} of the rows, the model accepts ${percent(largestUnknownShare)}`
    }
  }
  return { name, dims: [1, count, features.length], values }
}

function baselineTensor(
  name: string,
  { steps }: InputFacts['grid'],
  { asset, baseline }: InputQuestion,
): NamedTensor | string {
  if (baseline === undefined) return `no calibrated forecast of ${asset} to start from`
  if (baseline.length !== steps) return `the calibrated forecast has ${baseline.length} steps, the model ${steps}`
  return { name, dims: [1, steps], values: Float32Array.from(baseline, (variance) => Math.log(variance)) }
}

function assetTensor(name: string, assets: readonly string[], asset: string): NamedTensor {
  return { name, dims: [1, assets.length], values: Float32Array.from(assets, (other) => (other === asset ? 1 : 0)) }
}

/** What is not known gets the mean. */
function normalise({ mean, sd, clip }: BoundFeature, value: number): number {
  const normal = Number.isNaN(value) ? 0 : (value - mean) / sd
  return clip === undefined ? normal : Math.min(Math.max(normal, -clip), clip)
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

function refuse(reason: string): InputsAnswer {
  return { ok: false, reason }
}
