import { z } from 'zod'

/** One case and how it differs; null when it is equal. */
export interface CaseResult {
  readonly id: string
  readonly difference: string | null
}

/** The cases under one heading of a file. */
export interface VectorPart {
  readonly name: string
  readonly results: readonly CaseResult[]
}

export type VectorSuite = (document: unknown) => VectorPart[]

/**
 * The schema is strict: a key that the suite does not know is an expectation without a comparison, so it fails.
 * `compare` names every heading of the file.
 */
export function defineSuite<S extends z.ZodType>(
  schema: S,
  compare: (document: z.output<S>) => Record<string, readonly CaseResult[]>,
): VectorSuite {
  return (document) => {
    const parsed = schema.safeParse(document)
    if (!parsed.success) throw new Error(`does not have the known schema: ${z.prettifyError(parsed.error)}`)
    return Object.entries(compare(parsed.data)).map(([name, results]) => ({ name, results }))
  }
}

/** Results of a list of cases; an exception inside a case is that case's difference, not the end of the file. */
export function compareCases<T>(
  cases: readonly T[],
  idOf: (item: T, index: number) => string,
  differenceOf: (item: T) => string | null,
): CaseResult[] {
  return cases.map((item, index) => {
    const id = idOf(item, index)
    try {
      return { id, difference: differenceOf(item) }
    } catch (error) {
      return { id, difference: `raised ${error instanceof Error ? error.message : String(error)}` }
    }
  })
}

/** Number, NaN or "no value" as null, infinities as text. */
export const vectorNumber = z
  .union([z.number(), z.null(), z.literal('Infinity'), z.literal('-Infinity')])
  .transform((value) => (value === null ? Number.NaN : Number(value)))

/** The same, kept as it stands, for the expected side. */
export const expectedNumber = z.union([z.number(), z.null(), z.literal('Infinity'), z.literal('-Infinity')])
