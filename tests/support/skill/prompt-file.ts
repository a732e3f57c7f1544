import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { InputError } from '#core/base/errors/app-error'
import { parseInstantMs } from '#core/synth/regimes/instant'

export interface Prompt {
  readonly asset: string
  readonly startAtMs: number
  readonly timeLengthSeconds: number
}

const listSchema = z.array(z.object({ asset: z.string(), start_time: z.string(), time_length: z.number() }))
const shape = '[{"asset": "BTC", "start_time": "2026-01-31T12:00:00Z", "time_length": 86400}, …]'

export function readPrompts(file: string): Prompt[] {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw wrong(file, cause instanceof Error ? cause.message : String(cause))
  }
  const parsed = listSchema.safeParse(content)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw wrong(file, `at ${issue?.path.join('.') || 'the top'}: ${issue?.message ?? 'another shape'}`)
  }
  return parsed.data.map(({ asset, start_time, time_length }, index) => {
    // Databases print a blank where ISO 8601 has a T, and zones without minutes.
    const iso = start_time.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00')
    const startAtMs = parseInstantMs(iso)
    if (startAtMs === undefined) throw wrong(file, `at ${index}: "${start_time}" is not an instant with a zone`)
    return { asset, startAtMs, timeLengthSeconds: time_length }
  })
}

function wrong(file: string, reason: string): InputError {
  return new InputError('INPUT_INVALID', `${file}: ${reason}.`, { hint: `Prompts are a JSON list: ${shape}` })
}
