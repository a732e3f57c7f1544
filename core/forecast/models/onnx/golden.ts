import { z } from 'zod'
import { jsonOf } from '#core/base/json/json-of'
import { buildInputs } from './build-inputs.ts'
import type { InferenceRuntime, RunProblem } from './inference-runtime.ts'
import type { ModelManifest } from './manifest.ts'
import type { MinuteWindow } from './recent-closes.ts'

const columnOf = (value: z.ZodNumber) => z.array(value.nullable()).min(1).max(200_000)
const pricesSchema = columnOf(z.number().positive())

/** One forecast as the training program computed it, minutes included: it checks features and file at once. */
const goldenSchema = z.strictObject({
  asset: z.string(),
  startAtMs: z.int(),
  endsAtMs: z.int(),
  /** One-minute closes, oldest first; null where there is none. */
  closes: pricesSchema,
  /** What the model reads besides, of the same minutes. */
  candles: z
    .strictObject({
      open: pricesSchema,
      high: pricesSchema,
      low: pricesSchema,
      volume: columnOf(z.number().nonnegative()),
    })
    .optional(),
  others: z.record(z.string(), pricesSchema).optional(),
  /** The variance of each step as the calibrated model forecast it. */
  baseline: z.array(z.number().positive()).optional(),
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
  const { asset, startAtMs, baseline, outputs, tolerance } = parsed.data
  const window = windowOf(parsed.data)
  if (window === undefined) return refuse('goldenInvalid', 'golden.json: its columns are not of one length')
  const inputs = buildInputs(manifest, { asset, startAtMs, baseline }, window)
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

/** Undefined: columns of different lengths. */
function windowOf({ closes, endsAtMs, candles, others }: z.output<typeof goldenSchema>): MinuteWindow | undefined {
  const columns = [...Object.values(candles ?? {}), ...Object.values(others ?? {})]
  if (columns.some((column) => column.length !== closes.length)) return undefined
  const numbers = (column: readonly (number | null)[]) => Float64Array.from(column, (value) => value ?? Number.NaN)
  return {
    closes: numbers(closes),
    endsAtMs,
    ...(candles === undefined
      ? {}
      : {
          candles: {
            open: numbers(candles.open),
            high: numbers(candles.high),
            low: numbers(candles.low),
            volume: numbers(candles.volume),
          },
        }),
    ...(others === undefined
      ? {}
      : { others: new Map(Object.entries(others).map(([asset, column]) => [asset, numbers(column)] as const)) }),
  }
}

function refuse(problem: 'otherAnswer' | 'goldenInvalid', reason: string): GoldenCheck {
  return { ok: false, problem, reason }
}
