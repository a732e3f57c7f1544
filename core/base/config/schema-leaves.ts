import { z } from 'zod'

export interface ConfigLeaf {
  /** Dotted, e.g. `axon.port`. */
  readonly key: string
  readonly kind: 'string' | 'number' | 'boolean' | 'list' | 'json'
  readonly isSecret: boolean
  readonly defaultValue: unknown
  readonly description: string
  /** The possible values, in words. */
  readonly type: string
}

/** Every setting of a schema, in declared order. Objects are sections; everything else is a leaf. */
export function schemaLeaves(schema: z.ZodObject): ConfigLeaf[] {
  return walk(schema, [])
}

function walk(schema: z.ZodObject, path: readonly string[]): ConfigLeaf[] {
  return Object.entries(schema.shape).flatMap(([name, child]) => {
    const field = child as z.ZodType
    const section = unwrap(field).schema
    const childPath = [...path, name]
    return section instanceof z.ZodObject ? walk(section, childPath) : [toLeaf(field, childPath)]
  })
}

function toLeaf(field: z.ZodType, path: readonly string[]): ConfigLeaf {
  const { schema, defaultValue, isSecret, description } = unwrap(field)
  return { key: path.join('.'), ...describeType(schema), isSecret, defaultValue, description }
}

interface Unwrapped {
  schema: z.ZodType
  defaultValue: unknown
  isSecret: boolean
  description: string
}

/** Unwraps default, optional and similar, down to the type that a person thinks of. */
function unwrap(field: z.ZodType): Unwrapped {
  const found: Unwrapped = { schema: field, defaultValue: undefined, isSecret: false, description: '' }
  for (;;) {
    const meta = found.schema.meta()
    if (meta?.['secret'] === true) found.isSecret = true
    if (found.description === '' && meta?.description !== undefined) found.description = meta.description
    if (found.schema instanceof z.ZodDefault || found.schema instanceof z.ZodPrefault) {
      found.defaultValue ??= found.schema.def.defaultValue
      found.schema = found.schema.unwrap() as z.ZodType
    } else if (found.schema instanceof z.ZodOptional || found.schema instanceof z.ZodNullable) {
      found.schema = found.schema.unwrap() as z.ZodType
    } else if (found.schema instanceof z.ZodPipe) {
      found.schema = found.schema.in as z.ZodType
    } else {
      return found
    }
  }
}

function describeType(schema: z.ZodType): Pick<ConfigLeaf, 'kind' | 'type'> {
  if (schema instanceof z.ZodNumber) return { kind: 'number', type: 'number' }
  if (schema instanceof z.ZodBoolean) return { kind: 'boolean', type: 'true or false' }
  if (schema instanceof z.ZodEnum) return { kind: 'string', type: schema.options.map(String).join(' | ') }
  if (schema instanceof z.ZodArray) return { kind: 'list', type: 'list' }
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat) return { kind: 'string', type: 'text' }
  return { kind: 'json', type: 'JSON value' }
}
