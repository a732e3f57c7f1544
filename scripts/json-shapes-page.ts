import { z } from 'zod'
import type { JsonShapes } from '#core/base/cli/json-shapes'
import { ErrorShape } from '#core/base/errors/error-shape'
import { minerShapes } from '#daemon/json-shapes'
import { standInShapes } from '#standins/json-shapes'
import { tunerShapes } from '#tuner/json-shapes'

type Schema = z.core.JSONSchema.BaseSchema

/** docs/json-shapes.md: what every command prints with `--json`. A test reads the output with the same schemas. */
export function jsonShapesPage(note: string): string {
  const programs = [programPage('tuner', tunerShapes), programPage('miner', { ...minerShapes, ...standInShapes })].join(
    '\n\n',
  )
  const shared = [...parts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, part]) => `### ${name}\n\n\`\`\`ts\n${render(part, '')}\n\`\`\``)
  return `${note}# What --json prints

With \`--json\` a command writes one JSON object to standard output, and nothing else. When it fails, the last line on
standard error is one JSON object in the shape below. Standard output is then empty, unless the answer itself reports the
failure (an incomplete replay, a model that cannot be served): then it holds the whole answer. The exit code says how the
command ended in every case: [errors.md](errors.md). An answer of "no" (\`tuner check\`) ends with 1 and no error.

How to read this: \`instant\` is a text such as \`2026-09-21T12:00:00Z\`, \`date\` is a text such as \`2026-09-21\`, \`count\` is a
whole number, 0 or more. \`name?\` may be absent. \`{ [name]: T }\` has names that are data. There are never other fields.

## Errors

${block(ErrorShape)}

${programs}

## Parts

These parts are used above by their names.

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

/** Parts with their own names, filled while the page is written. */
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
    // The remark goes above the field if the line would become too long, or if there are several lines.
    return text.includes('\n') || text.length + remark.length > 110
      ? `${inner}// ${remark}\n${text}`
      : `${text} // ${remark}`
  })
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`
}

/** On one line if there are no remarks and the line is short enough. */
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

/** The remark of the field, or of its one type other than null. */
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
