import { z } from 'zod'
import { jsonOf } from '#core/base/json/json-of'
import { buildInputs } from './build-inputs.ts'
import type { InferenceRuntime, RunProblem } from './inference-runtime.ts'
import type { ModelManifest } from './manifest.ts'

/** One forecast as the training program computed it, minutes included: it checks features and file at once. */
const goldenSchema = z.strictObject({
  asset: z.string(),
  startAtMs: z.int(),
  endsAtMs: z.int(),
  /** One-minute closes, oldest first; null where there is none. */
  closes: z.array(z.number().positive().nullable()).min(1).max(200_000),
  outputs: z.record(z.string(), z.array(z.number())),
  /** Largest difference, relative where the value is above 1. */
  tolerance: z.number().positive().max(0.01).default(1e-4),
})

export type GoldenCheck =
  | { readonly ok: true; readonly largestDifference: number }
  | { readonly ok: false; readonly problem: RunProblem | 'otherAnswer' | 'goldenInvalid'; readonly reason: string }

export async function checkGolden(
  runtime: InferenceRuntime,
  manifest: ModelManifest,
  text: string,
  deadlineMs: number,
): Promise<GoldenCheck> {
  const parsed = goldenSchema.safeParse(jsonOf(text))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return refuse('goldenInvalid', `golden.json, ${issue?.path.join('.') || 'top'}: ${issue?.message ?? 'unreadable'}`)
  }
  const { asset, startAtMs, endsAtMs, closes, outputs, tolerance } = parsed.data
  const window = { closes: Float64Array.from(closes, (close) => close ?? Number.NaN), endsAtMs }
  const inputs = buildInputs(manifest, { asset, startAtMs }, window)
  if (!inputs.ok) return refuse('goldenInvalid', `golden.json: ${inputs.reason}`)
  const names = Object.keys(outputs)
  const { sha256, url } = manifest
  const ran = await runtime.run({ sha256, url, inputs: inputs.tensors, outputs: names, deadlineMs })
  if (!ran.ok) return ran
  let largestDifference = 0
  for (const { name, values } of ran.outputs) {
    const wanted = outputs[name] ?? []
    if (wanted.length !== values.length) {
      return refuse(
        'otherAnswer',
        `golden.json has ${wanted.length} values of ${name}, the model gives ${values.length}`,
      )
    }
    for (const [i, value] of wanted.entries()) {
      const difference = Math.abs(values[i]! - value) / Math.max(1, Math.abs(value))
      if (!(difference <= tolerance)) {
        return refuse('otherAnswer', `${name} is ${values[i]} at ${i}, golden.json says ${value}`)
      }
      largestDifference = Math.max(largestDifference, difference)
    }
  }
  return { ok: true, largestDifference }
}

function refuse(problem: 'otherAnswer' | 'goldenInvalid', reason: string): GoldenCheck {
  return { ok: false, problem, reason }
}
