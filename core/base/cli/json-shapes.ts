import type { z } from 'zod'

/**
 * What the commands of a program print with `--json`, by their words. A command has several shapes if its options
 * decide which.
 */
export type JsonShapes = Readonly<Record<string, readonly JsonShape[]>>

export interface JsonShape {
  /** Absent when there is only one shape. */
  readonly when?: string
  readonly shape: z.ZodType
}
