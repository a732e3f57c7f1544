import type { AssetParameters } from './asset-parameters.ts'

/** First 16 hex digits of the SHA-256 of the parameters as JSON with sorted keys; `hashText` gives SHA-256 in hex. */
export function hashParameters(parameters: AssetParameters, hashText: (text: string) => string): string {
  return hashText(canonicalJson(parameters)).slice(0, 16)
}

function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`
}
