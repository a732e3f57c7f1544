import type { z } from 'zod'
import { nearestName } from '#core/base/text/nearest-name'
import { type RegimeHeader, type RulesPatch, removed } from './definition.ts'
import { isTree } from './merge.ts'
import { fieldNames, isNamedMap, regimeHeader, regimePatch, schemaBelow } from './schema.ts'

export interface ReadDefinition {
  readonly header: RegimeHeader & { readonly id?: string; readonly extends?: string; readonly amends?: string }
  readonly change: RulesPatch
  /** Removed members of maps. */
  readonly removedPaths: readonly (readonly string[])[]
}

export type ReadResult =
  | { readonly ok: true; readonly value: ReadDefinition }
  | { readonly ok: false; problems: string[] }

/**
 * One definition as written, read strictly: an unknown name is a problem, reported with its path and the nearest known
 * name.
 */
export function readDefinition(written: unknown): ReadResult {
  const removedPaths: string[][] = []
  const stripped = stripRemoved(written, regimePatch, [], removedPaths)
  const parsed = regimePatch.safeParse(stripped)
  if (!parsed.success) return { ok: false, problems: describeIssues(parsed.error, regimePatch) }
  const entries = Object.entries(parsed.data)
  const isHeader = ([name]: [string, unknown]): boolean => Object.hasOwn(regimeHeader.shape, name)
  return {
    ok: true,
    value: {
      header: Object.fromEntries(entries.filter(isHeader)),
      change: Object.fromEntries(entries.filter((entry) => !isHeader(entry))) as RulesPatch,
      removedPaths,
    },
  }
}

/** `remove` is valid as a value of a map only; elsewhere it stays, and the schema refuses it. */
function stripRemoved(value: unknown, schema: z.ZodType | undefined, path: string[], found: string[][]): unknown {
  if (schema === undefined || !isTree(value)) return value
  const kept = Object.entries(value).filter(([name, child]) => {
    if (child !== removed || !isNamedMap(schema)) return true
    found.push([...path, name])
    return false
  })
  return Object.fromEntries(
    kept.map(([name, child]) => [name, stripRemoved(child, schemaBelow(schema, name), [...path, name], found)]),
  )
}

export function describeIssues(error: z.ZodError, schema: z.ZodType): string[] {
  return error.issues.flatMap((issue) => {
    const at = issue.path.map(String)
    if (issue.code !== 'unrecognized_keys') {
      const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined')
      return [`${at.join('.') || 'the regime'}: ${missing ? 'is missing' : issue.message}.`]
    }
    let below: z.ZodType | undefined = schema
    for (const name of issue.path) below = below === undefined ? undefined : schemaBelow(below, name)
    const known = below === undefined ? [] : fieldNames(below)
    return issue.keys.map((key) => {
      const near = nearestName(key, known)
      return `${[...at, key].join('.')} is unknown.${near === undefined ? '' : ` Did you mean ${[...at, near].join('.')}?`}`
    })
  })
}
