import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import { readNumber, withNumber } from './number-parameters.ts'
import { isOfBlend, type Parameter, type ParameterValue, readShares, writeShares } from './parameter-catalogue.ts'

/** The weights of a blend change together, because one can only grow when the others shrink. */
export type SlotValue = ParameterValue | Readonly<Record<string, number>>

/** The part of the parameters that a change replaces. */
export function slotOf(parameter: Parameter): string {
  return isOfBlend(parameter) ? `blend_${parameter.horizon}` : parameter.name
}

export function readSlot(parameters: AssetParameters, parameter: Parameter): SlotValue {
  return isOfBlend(parameter) ? parameters.blend[parameter.horizon] : currentValue(parameters, parameter)
}

export function currentValue(parameters: AssetParameters, parameter: Parameter): ParameterValue {
  switch (parameter.kind) {
    case 'champion':
      return parameters.champion[parameter.horizon]
    case 'weight':
      return parameters.blend[parameter.horizon][parameter.model] ?? 0
    case 'shares':
      return writeShares(parameters.blend[parameter.horizon])
    case 'number':
      return readNumber(parameters, parameter.name)
  }
}

/** The slot's content with the new value; undefined if no other member of a blend could get the rest. */
export function slotWith(
  parameters: AssetParameters,
  parameter: Parameter,
  value: ParameterValue,
): SlotValue | undefined {
  if (parameter.kind === 'shares') return readShares(String(value))
  if (parameter.kind !== 'weight') return value
  const weight = Number(value)
  const others = Object.entries(parameters.blend[parameter.horizon]).filter(
    ([model, share]) => model !== parameter.model && share > 0,
  )
  const sum = others.reduce((total, [, share]) => total + share, 0)
  if (sum === 0 && weight < 1) return undefined
  const entries = [...others.map(([model, share]) => [model, (share * (1 - weight)) / sum]), [parameter.model, weight]]
  return Object.fromEntries(
    (entries as [string, number][])
      .map(([model, share]): [string, number] => [model, roundShare(share)])
      .filter(([, share]) => share > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** Puts a slot's value into the parameters; the ledger has checked the form of the value. */
export function withSlot(parameters: AssetParameters, parameter: Parameter, value: SlotValue): AssetParameters {
  switch (parameter.kind) {
    case 'champion':
      return { ...parameters, champion: { ...parameters.champion, [parameter.horizon]: String(value) } }
    case 'weight':
    case 'shares':
      return { ...parameters, blend: { ...parameters.blend, [parameter.horizon]: value as Record<string, number> } }
    case 'number':
      return withNumber(parameters, parameter.name, Number(value))
  }
}

/** Equal as values, whatever the order of names in a blend. */
export function sameSlot(a: SlotValue, b: SlotValue): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return names.every((name) => (a[name] ?? 0) === (b[name] ?? 0))
}

// Shares are computed, not typed: beyond twelve digits there is only noise of the division.
function roundShare(share: number): number {
  return Number(share.toFixed(12))
}
