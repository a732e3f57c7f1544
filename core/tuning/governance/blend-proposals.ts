import { blendName } from '#core/forecast/models/model-names'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import type { Horizon } from '#core/synth/prompts/horizon'
import { currentValue, readSlot, slotWith, withSlot } from './change-parameters.ts'
import type { MeasureQuestion } from './evidence.ts'
import { horizonsOf, type Parameter, type ParameterValue, toParameter, writeShares } from './parameter-catalogue.ts'

type Shares = Readonly<Record<string, number>>

export interface Step {
  readonly parameter: Parameter
  readonly value: ParameterValue
}

/**
 * What leads from the parameters to the fitted shares. Where the blend serves, they move by one step at most. Where it
 * does not, they are set and the blend becomes champion; a fit that leaves one model makes that one champion.
 */
export function stepsTo(
  fitted: Shares,
  parameters: AssetParameters,
  { horizon, isServed, step }: { readonly horizon: Horizon; readonly isServed: boolean; readonly step: number },
): Step[] {
  const shares = toParameter(`blend_${horizon}`)!
  const champion = toParameter(`champion_${horizon}`)!
  const inForce = parameters.blend[horizon]
  if (isServed)
    return differing(parameters, [{ parameter: shares, value: writeShares(towards(inForce, fitted, step)) }])
  const [only, ...others] = Object.keys(fitted).filter((model) => fitted[model]! > 0)
  return others.length === 0
    ? differing(parameters, [{ parameter: champion, value: only! }])
    : differing(parameters, [
        { parameter: shares, value: writeShares(fitted) },
        { parameter: champion, value: blendName },
      ])
}

function differing(parameters: AssetParameters, steps: readonly Step[]): Step[] {
  return steps.filter(({ parameter, value }) => currentValue(parameters, parameter) !== value)
}

/** On the straight line, until the first share has moved by a step: nearer by it on the whole, because the form is convex. */
function towards(from: Shares, to: Shares, step: number): Shares {
  const models = [...new Set([...Object.keys(from), ...Object.keys(to)])]
  const moves = models.map((model) => (to[model] ?? 0) - (from[model] ?? 0))
  const part = Math.min(1, step / Math.max(...moves.map(Math.abs)))
  // In binary the sum of a share and its move has noise behind the twelfth digit.
  return Object.fromEntries(
    models.map((model, i) => [model, Number(((from[model] ?? 0) + part * moves[i]!).toFixed(12))]),
  )
}

/** All steps together against the parameters in force: what the evidence for the last one measures. */
export function questionOf(
  asset: string,
  parameters: AssetParameters,
  steps: readonly [...Step[], Step],
): Omit<MeasureQuestion, 'fromMs' | 'toMs'> {
  const { parameter, value } = steps.at(-1)!
  const slotOf = (step: Step) => slotWith(parameters, step.parameter, step.value)!
  return {
    change: {
      ...{ asset, parameter: parameter.name, oldValue: currentValue(parameters, parameter), newValue: value },
      ...{ before: readSlot(parameters, parameter), after: slotOf({ parameter, value }) },
    },
    horizons: horizonsOf(parameter),
    oldParameters: parameters,
    newParameters: steps.reduce((set, step) => withSlot(set, step.parameter, slotOf(step)), parameters),
  }
}
