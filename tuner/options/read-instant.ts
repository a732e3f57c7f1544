import { UsageError } from '#core/base/errors/app-error'
import { parseInstantMs } from '#core/synth/regimes/instant'

/** Reads a text as an instant: for the option of that name, or without a name for an argument. */
export function readInstant(text: string, option?: string): number {
  const atMs = parseInstantMs(text)
  if (atMs !== undefined) return atMs
  throw new UsageError('USAGE', `${option === undefined ? '' : `${option} `}"${text}" is not an instant.`, {
    hint: 'Write UTC with a zone, such as 2026-09-21T12:00Z, or a date such as 2026-09-21.',
  })
}

export function readOptionalInstant(text: string | undefined, option: string): number | undefined {
  return text === undefined ? undefined : readInstant(text, option)
}
