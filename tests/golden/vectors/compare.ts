/**
 * "Equal" means the same bits. The vectors write NaN and "no value" both as null and the infinities as text; only
 * fields named in `relative` may differ, by 1e-12 of the expected value.
 */
export interface CompareOptions {
  readonly relative?: readonly string[]
}

const tolerance = 1e-12

/** Null when equal, else where and how the first difference shows. */
export function firstDifference(
  actual: unknown,
  expected: unknown,
  options: CompareOptions = {},
  at = '',
): string | null {
  if (Array.isArray(expected)) return listDifference(actual, expected, options, at)
  if (isRecord(expected)) return recordDifference(actual, expected, options, at)
  return sameValue(actual, expected, options.relative?.some((name) => at.endsWith(name)) ?? false)
    ? null
    : `${at || 'value'}: ${show(actual)} instead of ${show(expected)}`
}

function listDifference(actual: unknown, expected: unknown[], options: CompareOptions, at: string): string | null {
  const list = ArrayBuffer.isView(actual) ? Array.from(actual as Float64Array) : actual
  if (!Array.isArray(list)) return `${at || 'value'}: ${show(actual)} instead of a list`
  if (list.length !== expected.length) return `${at || 'list'}: ${list.length} entries instead of ${expected.length}`
  for (const [index, value] of expected.entries()) {
    const difference = firstDifference(list[index], value, options, `${at}[${index}]`)
    if (difference !== null) return difference
  }
  return null
}

function recordDifference(
  actual: unknown,
  expected: Record<string, unknown>,
  options: CompareOptions,
  at: string,
): string | null {
  if (!isRecord(actual)) return `${at || 'value'}: ${show(actual)} instead of an object`
  const keys = new Set([...Object.keys(expected), ...Object.keys(actual)])
  for (const key of keys) {
    const difference = firstDifference(actual[key], expected[key], options, `${at}.${key}`)
    if (difference !== null) return difference
  }
  return null
}

function sameValue(actual: unknown, expected: unknown, isRelative: boolean): boolean {
  if (expected === null) return actual === null || Number.isNaN(actual)
  const value = numberOf(expected)
  if (isRelative && typeof actual === 'number' && typeof value === 'number') {
    return Math.abs(actual - value) <= tolerance * Math.abs(value)
  }
  return Object.is(actual, value) || Object.is(actual, expected)
}

/** The number that a vector stands for. */
export function numberOf(value: unknown): unknown {
  if (value === 'Infinity') return Number.POSITIVE_INFINITY
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY
  return value
}

function show(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  return JSON.stringify(value)?.slice(0, 120) ?? 'nothing'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
}
