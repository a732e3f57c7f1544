import { z } from 'zod'
import type { JsonShapes } from '#core/base/cli/json-shapes'
import { ErrorShape } from '#core/base/errors/error-shape'
import { minerShapes } from '#daemon/json-shapes'
import { standInShapes } from '#standins/json-shapes'
import { tunerShapes } from '#tuner/json-shapes'

type Schema = z.core.JSONSchema.BaseSchema

/** docs/json-shapes.md: what every command prints with `--json`, out of the schemas that a test reads it with. */
export function jsonShapesPage(note: string): string {
  const programs = [programPage('tuner', tunerShapes), programPage('miner', { ...minerShapes, ...standInShapes })].join(
    '\n\n',
  )
  const shared = [...parts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, part]) => `### ${name}\n\n\`\`\`ts\n${render(part, '')}\n\`\`\``)
  return `${note}# What --json prints

A command that is given \`--json\` writes one JSON object to standard output, and nothing else. When it fails it writes
one line to standard error, the last one there, in the shape below; standard output then holds nothing, or, where the
answer is what is wrong (a replay that is not complete, a model that cannot be served), the whole answer. The exit code
says how it ended either way: [errors.md](errors.md). An answer of "no" (\`tuner check\`) ends with 1 and no error.

How to read this: \`instant\` is a text such as \`2026-09-21T12:00:00Z\`, \`date\` one such as \`2026-09-21\`, \`count\` a whole
number from 0 on; \`name?\` may be absent; \`{ [name]: T }\` has names that are data. No other fields are ever there.

## Errors

${block(ErrorShape)}

${programs}

## Parts

What stands above by its name.

${shared.join('\n\n')}
`
}

function programPage(name: string, shapes: JsonShapes): string {
  const commands = Object.entries(shapes).map(([words, own]) => {
    const blocks = own.map(({ when, shape }) => `${when === undefined ? '' : `${when}:\n\n`}${block(shape)}`)
    return `### ${name} ${words}\n\n${blocks.join('\n\n')}`
  })
  return `## ${name}\n\n${commands.join('\n\n')}`
}

/** Parts with a name of their own, as they come up. */
const parts = new Map<string, Schema>()

function block(shape: z.ZodType): string {
  const schema = z.toJSONSchema(shape, { io: 'output', unrepresentable: 'any', reused: 'inline' })
  for (const [name, part] of Object.entries(schema.$defs ?? {})) parts.set(name, part)
  return `\`\`\`ts\n${render(schema, '')}\n\`\`\``
}

function render(schema: Schema, indent: string): string {
  if (schema.$ref !== undefined) return schema.$ref.replace('#/$defs/', '')
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return unique(choices.map((choice) => render(choice as Schema, indent))).join(' | ')
  if (schema.const !== undefined) return quote(schema.const)
  if (schema.enum !== undefined) return schema.enum.map(quote).join(' | ')
  switch (schema.type) {
    case 'object':
      return renderObject(schema, indent)
    case 'array':
      return renderArray(schema, indent)
    case 'integer':
      return schema.minimum === 0 ? 'count' : 'integer'
    case 'string':
      return schema.format === 'date-time' ? 'instant' : schema.format === 'date' ? 'date' : 'string'
    default:
      return schema.type === undefined ? 'any' : [schema.type].flat().join(' | ')
  }
}

function renderObject({ properties, required = [], additionalProperties }: Schema, indent: string): string {
  if (properties === undefined) {
    return `{ [name]: ${typeof additionalProperties === 'object' ? render(additionalProperties, indent) : 'any'} }`
  }
  const inner = `${indent}  `
  const short = shortForm(properties, required, indent)
  if (short !== undefined) return short
  const lines = Object.entries(properties).map(([name, property]) => {
    const field = property as Schema
    const mark = required.includes(name) ? '' : '?'
    const text = `${inner}${name}${mark}: ${render(field, inner)}`
    const remark = remarkOf(field)
    if (remark === undefined) return text
    // Above the field where that spreads over lines or would become too wide.
    return text.includes('\n') || text.length + remark.length > 110
      ? `${inner}// ${remark}\n${text}`
      : `${text} // ${remark}`
  })
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`
}

/** On one line where there is nothing to remark and room enough. */
function shortForm(properties: object, required: readonly string[], indent: string): string | undefined {
  const fields = Object.entries(properties).map(([name, property]) => {
    const field = property as Schema
    if (remarkOf(field) !== undefined) return undefined
    return `${name}${required.includes(name) ? '' : '?'}: ${render(field, indent)}`
  })
  const text = `{ ${fields.join(', ')} }`
  const isShort = !fields.includes(undefined) && !text.includes('\n') && indent.length + text.length <= 80
  return isShort && indent !== '' ? text : undefined
}

function renderArray({ items, prefixItems }: Schema, indent: string): string {
  if (prefixItems !== undefined) return `[${prefixItems.map((item) => render(item as Schema, indent)).join(', ')}]`
  const item = render(items as Schema, indent)
  return item.includes(' | ') && !item.startsWith('{') ? `(${item})[]` : `${item}[]`
}

/** Of the field, or of the one thing that it may be beside null. */
function remarkOf(schema: Schema): string | undefined {
  const own = schema.description
  const inner = (schema.anyOf ?? []).map((choice) => (choice as Schema).description)
  return own ?? inner.find((text) => text !== undefined)
}

function quote(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}
