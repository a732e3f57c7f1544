import { z } from 'zod'
import { nearestName } from '#core/base/text/nearest-name'
import type { Problem } from './recipe.ts'

/** What a schema found wrong, each at its path and with the nearest name where one is misspelt. */
export function describeIssues(schema: z.ZodType, content: unknown, prefix = ''): Problem[] {
  const parsed = schema.safeParse(content)
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => describe(issue, schema, content, prefix))
}

function describe(issue: z.core.$ZodIssue, schema: z.ZodType, content: unknown, prefix: string): Problem[] {
  const at = [...(prefix === '' ? [] : [prefix]), ...issue.path.map(String)].join('.')
  const below = (key: string) => (at === '' ? key : `${at}.${key}`)
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(schemaAt(schema, content, issue.path) ?? {})
    return issue.keys.map((key) => ({ path: below(key), sentence: `This key is unknown. ${help(key, known)}` }))
  }
  const given = valueAt(content, issue.path)
  if (given === undefined && !(issue.code === 'custom')) return [{ path: at, sentence: 'This setting is missing.' }]
  if (issue.code === 'invalid_value' && typeof given === 'string') {
    return [{ path: at, sentence: `There is no ${given}. ${help(given, issue.values.map(String))}` }]
  }
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined && typeof given === 'string') {
    const union = unwrap(schemaOf(schema, content, issue.path.slice(0, -1)))
    const known = union instanceof z.ZodDiscriminatedUnion ? kindsOf(union) : []
    return [{ path: at, sentence: `There is no ${given}. ${help(given, known)}` }]
  }
  return [{ path: at, sentence: `${issue.message}.` }]
}

export function help(wanted: string, known: readonly string[]): string {
  const close = nearestName(wanted, known)
  if (close !== undefined) return `Did you mean ${close}?`
  return known.length === 0 ? 'There are none.' : `Known: ${known.join(', ')}.`
}

export function valueAt(content: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Record<PropertyKey, unknown>)[name]
        : undefined,
    content,
  )
}

/** The keys of the object at a path. */
function schemaAt(schema: z.ZodType, content: unknown, path: readonly PropertyKey[]) {
  const found = unwrap(schemaOf(schema, content, path))
  return found instanceof z.ZodObject ? found.shape : undefined
}

function schemaOf(schema: z.ZodType, content: unknown, path: readonly PropertyKey[]): z.ZodType | undefined {
  let found = narrowed(unwrap(schema), content)
  for (const [index, name] of path.entries()) {
    if (found instanceof z.ZodObject) found = found.shape[String(name)] as z.ZodType | undefined
    else if (found instanceof z.ZodArray) found = found.element as z.ZodType
    else return undefined
    found = narrowed(unwrap(found), valueAt(content, path.slice(0, index + 1)))
  }
  return found
}

/** Of a union by kind, the option that the content names. */
function narrowed(schema: z.ZodType | undefined, content: unknown): z.ZodType | undefined {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema
  const { discriminator } = schema.def
  const kind = valueAt(content, [discriminator])
  return (
    (schema.options as z.ZodObject[]).find((option) => kindsOfOption(option, discriminator).includes(kind)) ?? schema
  )
}

function kindsOf(union: z.ZodDiscriminatedUnion): string[] {
  return (union.options as z.ZodObject[]).flatMap((option) =>
    kindsOfOption(option, union.def.discriminator)
      .filter((kind) => kind !== undefined)
      .map(String),
  )
}

function kindsOfOption(option: z.ZodObject, discriminator: string): unknown[] {
  const named = option.shape[discriminator] as z.ZodType | undefined
  const literal = unwrap(named)
  // An option that may leave its name out is the one that is meant without it.
  const without = named instanceof z.ZodOptional ? [undefined] : []
  return literal instanceof z.ZodLiteral ? [...literal.values, ...without] : []
}

/** Without default, optional and the like. */
function unwrap(schema: z.ZodType | undefined): z.ZodType | undefined {
  let found = schema
  while (
    found instanceof z.ZodDefault ||
    found instanceof z.ZodPrefault ||
    found instanceof z.ZodOptional ||
    found instanceof z.ZodNullable
  ) {
    found = found.unwrap() as z.ZodType
  }
  return found
}
