/**
 * The body hash of a synapse: each required field is printed as Python prints it and hashed, and the hex of all hashes
 * is hashed again. Fields follow Python's repr rules only as far as JSON values need.
 */
export type Sha3Hex = (text: string) => string

/** A whole number that is a float in Python: 12.0, not 12. */
export interface PythonFloat {
  readonly float: number
}

export type PythonValue =
  | null
  | boolean
  | number
  | string
  | PythonFloat
  | readonly PythonValue[]
  | ReadonlyMap<string, PythonValue>

export function bodyHash(fields: readonly PythonValue[], sha3Hex: Sha3Hex): string {
  return sha3Hex(fields.map((field) => sha3Hex(pythonStr(field))).join(''))
}

/**
 * The hash of a class that names no required fields: nothing is hashed, so the v10 signature does not cover the body.
 */
export const emptyBodyHash = 'a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a'

/** Python's str(): text is bare at the top level and quoted inside a list or dict. */
function pythonStr(value: PythonValue): string {
  return typeof value === 'string' ? value : pythonRepr(value)
}

function pythonRepr(value: PythonValue): string {
  if (value === null) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return quote(value)
  if (isList(value)) return `[${value.map(pythonRepr).join(', ')}]`
  if (value instanceof Map)
    return `{${[...value].map(([key, item]) => `${quote(key)}: ${pythonRepr(item)}`).join(', ')}}`
  return floatText((value as PythonFloat).float)
}

function floatText(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : String(value)
}

function quote(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')
  if (!text.includes("'")) return `'${escaped}'`
  return text.includes('"') ? `'${escaped.replaceAll("'", "\\'")}'` : `"${escaped}"`
}

function isList(value: PythonValue): value is readonly PythonValue[] {
  return Array.isArray(value)
}
