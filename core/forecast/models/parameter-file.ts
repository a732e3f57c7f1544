import { z } from 'zod'
import type { HashText } from '#core/base/text/hash-text'
import { type CalibratedParameters, CalibratedParametersSchema } from './calibrated-parameters.ts'

/** What `tuner calibrate` writes: one asset on one grid, with the hash that names this set everywhere. */
const fileSchema = z.strictObject({ hash: z.string().regex(/^[0-9a-f]{64}$/), parameters: CalibratedParametersSchema })

export type ParameterFile = z.infer<typeof fileSchema>

export type ParameterReading =
  | { readonly ok: true; readonly file: ParameterFile }
  | { readonly ok: false; readonly reason: string }

export function writeParameterFile(parameters: CalibratedParameters, hashText: HashText): string {
  // Reading gives back the schema's order of keys, whatever order they were written in.
  const ordered = CalibratedParametersSchema.parse(parameters)
  return `${JSON.stringify({ hash: hashText(JSON.stringify(ordered)), parameters: ordered })}\n`
}

export function readParameterFile(text: string, hashText: HashText): ParameterReading {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    return { ok: false, reason: 'no JSON' }
  }
  const parsed = fileSchema.safeParse(content)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return { ok: false, reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a parameter set'}` }
  }
  const { hash, parameters } = parsed.data
  if (hashText(JSON.stringify(parameters)) !== hash) return { ok: false, reason: 'the numbers do not match this hash' }
  return { ok: true, file: parsed.data }
}
