import { canonicalJson } from '#core/base/json/canonical-json'
import type { JsonValue } from '#core/base/json/strict-json'
import type { AssetParameters } from './asset-parameters.ts'

/** First 16 hex digits of the SHA-256 of the parameters as JSON with sorted keys; `hashText` gives SHA-256 in hex. */
export function hashParameters(parameters: AssetParameters, hashText: (text: string) => string): string {
  return hashText(canonicalJson(parameters as unknown as JsonValue)).slice(0, 16)
}
