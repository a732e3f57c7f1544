import { z } from 'zod'
import type { Printed } from '#core/base/cli/write-json'
import { formatInstant } from '#core/synth/regimes/instant'

/** What is shown under a shape: `--json` prints it, and whatever else shows the same thing makes it here too. */
export type Shown<S extends z.ZodType> = Printed<z.input<S>>

/** Of a parameter. */
export const Value = z.union([z.number(), z.string()])

export function instantOrNull(ms: number | null | undefined): string | null {
  return ms === undefined || ms === null ? null : formatInstant(ms)
}
