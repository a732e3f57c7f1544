import type { Horizon } from '#core/synth/prompts/horizon'
import type { AssetParameters, CalibratedTuning } from './asset-parameters.ts'

export type TuningField = keyof CalibratedTuning

/** With these the calibrated model answers with the fitted set itself, bit for bit. */
const neutral: Readonly<Record<TuningField, number>> = { level: 1, levelSd: 1, tail: 1, memory: 0 }

export function readTuning(parameters: AssetParameters, horizon: Horizon, field: TuningField): number {
  return parameters.calibrated?.[horizon]?.[field] ?? neutral[field]
}

/** A neutral number is left out: parameters that say the same have the same hash. */
export function withTuning(
  { calibrated = {}, ...rest }: AssetParameters,
  horizon: Horizon,
  field: TuningField,
  value: number,
): AssetParameters {
  const { [field]: _, ...others } = calibrated[horizon] ?? {}
  const own: CalibratedTuning = value === neutral[field] ? others : { ...others, [field]: value }
  const { [horizon]: __, ...otherHorizon } = calibrated
  const all = Object.keys(own).length === 0 ? otherHorizon : { ...otherHorizon, [horizon]: own }
  return Object.keys(all).length === 0 ? rest : { ...rest, calibrated: all }
}
