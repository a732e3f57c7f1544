/** A JSON object of which nothing but that is known yet. */
export type OpenObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is OpenObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
