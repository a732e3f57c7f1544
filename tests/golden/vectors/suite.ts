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

/** A case may expect that the validator raises, in any section. */
export const expectedError = z.strictObject({ error: z.string() })

/** A case that does not have its schema: for example one with a text among its prices. */
class UnfitCase {
  readonly id: string
  readonly expectsError: boolean
  readonly problem: string

  constructor(raw: unknown, issues: readonly z.core.$ZodIssue[]) {
    const { id, expected } = (raw ?? {}) as { id?: unknown; expected?: unknown }
    this.id = typeof id === 'string' ? id : JSON.stringify(raw)?.slice(0, 60) || 'unnamed'
    // A member that is there and is no number is refused where it is read; a missing or unknown one is our fault.
    const isMember = issues.every(({ code, path }) => code.startsWith('invalid_') && memberAt(raw, path) !== undefined)
    this.expectsError = isMember && expectedError.safeParse(expected).success
    this.problem = issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  }
}

function memberAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key], raw)
}

/** A case that cannot be read is a difference of its own, not the end of the file. */
export function caseList<S extends z.ZodType>(schema: S) {
  return z.array(schema.catch(({ value, error }) => new UnfitCase(value, error.issues) as never))
}

/** Results of a list of cases; an exception inside a case is that case's difference, not the end of the file. */
export function compareCases<T>(
  cases: readonly T[],
  idOf: (item: T, index: number) => string,
  differenceOf: (item: T) => string | null,
): CaseResult[] {
  return cases.map((item, index) => {
    if (item instanceof UnfitCase) {
      const { id, expectsError, problem } = item
      return { id, difference: expectsError ? null : `does not have the known schema: ${problem}` }
    }
    const id = idOf(item, index)
    try {
      return { id, difference: differenceOf(item) }
    } catch (error) {
      if (isRefusal(error) && expectsError(item)) return { id, difference: null }
      return { id, difference: `raised ${error instanceof Error ? error.message : String(error)}` }
    }
  })
}

/** Not a bug of ours, which JavaScript names so. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && !(error instanceof TypeError) && !(error instanceof ReferenceError)
}

function expectsError(item: unknown): boolean {
  const expected = (item as { expected?: unknown } | null)?.expected
  return expectedError.safeParse(expected).success
}

/** Number, NaN or "no value" as null, infinities as text. */
export const vectorNumber = z
  .union([z.number(), z.null(), z.literal('Infinity'), z.literal('-Infinity')])
  .transform((value) => (value === null ? Number.NaN : Number(value)))

/** The same, kept as it stands, for the expected side. */
export const expectedNumber = z.union([z.number(), z.null(), z.literal('Infinity'), z.literal('-Infinity')])
