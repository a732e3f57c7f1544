import { z } from 'zod'
import { numberNames, numberParameters } from './number-parameters.ts'
import { isOfBlend, limitsOf, type Parameter, toParameter } from './parameter-catalogue.ts'

const limits = z.strictObject({
  min: z.number().optional(),
  max: z.number().optional(),
  step: z.number().positive().optional(),
})

type OwnLimits = Readonly<Record<string, Readonly<Record<string, z.output<typeof limits>>>>>

/** The possible values, whatever bounds are set: outside of them the models have no meaning. */
function meaningOf(parameter: Parameter): readonly [above: number, below: number] {
  if (isOfBlend(parameter)) return [-Number.EPSILON, 1 + Number.EPSILON]
  if (parameter.kind === 'champion') return [0, Number.POSITIVE_INFINITY]
  const { above, below } = numberParameters[parameter.name]
  return [above, below]
}

function checkLimits(own: OwnLimits, context: z.RefinementCtx<OwnLimits>): void {
  for (const [asset, byName] of Object.entries(own)) {
    for (const name of Object.keys(byName)) {
      const parameter = toParameter(name)
      const found = parameter === undefined ? undefined : limitsOf(asset, parameter, own)
      const report = (message: string): void =>
        context.addIssue({ code: 'custom', path: [asset, name], message, input: own })
      if (parameter === undefined || found === undefined) {
        report(
          `No parameter with bounds has the name ${name}; known are ${numberNames.join(', ')} and blend_low.<model>`,
        )
        continue
      }
      const [above, below] = meaningOf(parameter)
      if (!(found.min > above && found.max < below && found.min < found.max)) {
        const range = below === Number.POSITIVE_INFINITY ? `above ${above}` : `between ${above} and ${below}`
        report(`Bounds ${found.min} to ${found.max} are not valid: ${name} must be ${range}, the lower bound first`)
      }
    }
  }
}

/** The section `governance`, which both programs read. */
export const governanceConfigFields = {
  mode: z
    .enum(['perAsset', 'perParameter'])
    .default('perAsset')
    .describe('What the 30 days between two changes count for: the whole asset, or each parameter of it'),
  autoRevert: z
    .boolean()
    .default(false)
    .describe('The miner undoes a change by itself when it scores significantly worse than the previous value'),
  autoPropose: z
    .boolean()
    .default(false)
    .describe('The miner proposes changes by itself: one asset at a time, and only with a proven gain'),
  limits: z
    .record(z.string(), z.record(z.string(), limits))
    .superRefine(checkLimits)
    .default({})
    .describe('Bounds and steps of your own: {"BTC": {"lambda": {"min": 0.9, "step": 0.005}}}'),
}

export type GovernanceConfig = z.output<z.ZodObject<typeof governanceConfigFields>>
