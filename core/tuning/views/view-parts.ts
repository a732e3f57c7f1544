import { z } from 'zod'
import type { Printed } from '#core/base/cli/write-json'
import { formatInstant } from '#core/synth/regimes/instant'

/** The one form in which this is shown: `--json` prints it, and other readers use it too. */
export type Shown<S extends z.ZodType> = Printed<z.input<S>>

/** Of a parameter. */
export const Value = z.union([z.number(), z.string()])

export function instantOrNull(ms: number | null | undefined): string | null {
  return ms === undefined || ms === null ? null : formatInstant(ms)
}
