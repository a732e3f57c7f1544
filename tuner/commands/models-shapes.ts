import { z } from 'zod'

const component = {
  name: z.string().describe('as recipes write it'),
  description: z.string(),
  settings: z.array(
    z
      .strictObject({
        key: z.string(),
        type: z.string(),
        isRequired: z.boolean(),
        default: z.unknown().optional().describe('absent: none'),
        description: z.string(),
      })
      .meta({ id: 'ComponentSetting' }),
  ),
}
const Shape = z.array(z.int())

export const ModelsListShape = z.strictObject({
  blocks: z.array(
    z.strictObject({
      ...component,
      keepsLength: z.boolean().describe('[batch, length, width] keeps its length'),
      keepsWidth: z.boolean(),
      leastLength: z.int().describe('the shortest sequence that it takes'),
    }),
  ),
  heads: z.array(
    z.strictObject({ ...component, needsBaseline: z.boolean().describe('it corrects the calibrated forecast') }),
  ),
  losses: z.array(
    z.strictObject({ ...component, isMetric: z.boolean().describe('it describes a forecast and cannot train one') }),
  ),
  features: z.array(
    z.strictObject({ ...component, source: z.enum(['market', 'time']).describe('time: known of the steps ahead too') }),
  ),
  presets: z.array(z.strictObject({ name: z.string(), description: z.string(), file: z.string() })),
})

export const ModelsCheckShape = z.strictObject({
  recipe: z.string(),
  isValid: z.boolean().describe('false: the exit code is 65'),
  problems: z.array(
    z.strictObject({
      path: z.string().describe('the setting, such as model.blocks.1.heads'),
      file: z.string().nullable(),
      line: z.int().nullable(),
      sentence: z.string(),
    }),
  ),
  hash: z.string().nullable().describe('of every resolved setting, without name and description'),
  parameterCount: z.int().min(0).nullable(),
  inputs: z.array(z.strictObject({ name: z.string(), shape: Shape })).describe('of one window'),
  blocks: z
    .array(z.strictObject({ path: z.string(), use: z.string(), from: Shape, to: Shape }))
    .describe('[batch, length, width] before and after each'),
  outputs: z.array(z.strictObject({ name: z.string(), shape: Shape })),
  trial: z
    .strictObject({
      loss: z.number().describe('of a fresh model on drawn numbers'),
      gradientNorm: z.number(),
      servingDifference: z.number().describe('of what is served from what is trained'),
    })
    .nullable(),
  resolved: z.string().nullable().describe('the recipe with every default and reference filled in, as YAML'),
})
