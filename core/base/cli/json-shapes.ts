import type { z } from 'zod'

/** What the commands of a program print with `--json`, by their words; several where the options of one decide. */
export type JsonShapes = Readonly<Record<string, readonly JsonShape[]>>

export interface JsonShape {
  /** Left out where there is nothing to choose. */
  readonly when?: string
  readonly shape: z.ZodType
}
