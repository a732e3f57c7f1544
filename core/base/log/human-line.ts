/** What a line says in other places than its fields. */
const shown = new Set(['level', 'time', 'program', 'component', 'event', 'msg', 'err'])

const colors: Readonly<Record<string, string>> = { fatal: '31', error: '31', warn: '33', debug: '90' }

/** A line of the log for a person at a terminal: time, level, sentence, then the fields. Other text stays as it is. */
export function humanLine(json: string, hasColor: boolean): string {
  const fields = parse(json)
  if (fields === undefined) return json
  const paint = (code: string | undefined, text: string): string =>
    hasColor && code !== undefined ? `\u001b[${code}m${text}\u001b[0m` : text
  const { level, time, event, msg, err } = fields
  const rest = Object.entries(fields)
    .filter(([name]) => !shown.has(name))
    .map(([name, value]) => `${name}=${textOf(value)}`)
  const head = `${String(time).slice(11, 19)} ${paint(colors[String(level)], String(level).padEnd(5))} ${String(msg)}`
  const tail = paint('90', [String(event), ...rest].join(' '))
  return `${head}  ${tail}${errorText(err)}\n`
}

function parse(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' && !/[\s"=]/.test(value) ? value : JSON.stringify(value)
}

function errorText(err: unknown): string {
  if (typeof err !== 'object' || err === null) return ''
  const { stack, message } = err as { stack?: unknown; message?: unknown }
  return `\n  ${String(stack ?? message).replaceAll('\n', '\n  ')}`
}
