import { z } from 'zod'
import { manifestFacts } from '#core/forecast/models/onnx/manifest'

const { description, file, url, sha256, format, serves, grid } = manifestFacts.shape

export const ModelsListShape = z.strictObject({
  models: z.array(
    z.union([
      z.strictObject({ name: z.string(), description, file, url, sha256, format, serves, grid }),
      z.strictObject({ name: z.string(), problem: z.string().describe('why its manifest cannot be read') }),
    ]),
  ),
})

export const ModelsCheckShape = z.strictObject({
  models: z.array(
    z.strictObject({
      name: z.string(),
      canBeServed: z.boolean().describe('false of any: the exit code is 65'),
      problem: z.strictObject({ kind: z.string(), reason: z.string() }).nullable(),
      sha256: z.string().nullable(),
      serves: serves.nullable(),
      grid: grid.nullable(),
      file: z
        .strictObject({
          sizeBytes: z.int(),
          ir: z.int(),
          opset: z.int(),
          domains: z.array(z.string()),
          producer: z.string(),
          openMs: z.number(),
        })
        .nullable(),
      dryRun: z
        .strictObject({
          runMs: z.number().describe('median of the later runs'),
          firstMs: z.number(),
          calmSd: z.number().describe('deviation over the horizon after a calm market'),
          livelySd: z.number().describe('after one ten times as lively'),
        })
        .nullable(),
      goldenDifference: z.number().nullable().describe('from golden.json, where there is one'),
    }),
  ),
})
