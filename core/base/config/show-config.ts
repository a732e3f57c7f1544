import { showUrl } from '../text/show-url.ts'
import type { ConfigSource, LoadedConfig } from './load-config.ts'
import { valueAt } from './value-at.ts'

export interface ConfigLine {
  readonly key: string
  readonly value: unknown
  readonly source: ConfigSource
}

/** Addresses of nodes and venues may hold keys; they are shown without. */
function withoutKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutKeys)
  return typeof value === 'string' && /^(ws|http)s?:\/\//.test(value) ? showUrl(value) : value
}

/** Every setting with its value and source. Secrets are replaced here, before any output. */
export function showConfig(loaded: LoadedConfig<unknown>): ConfigLine[] {
  return loaded.leaves.map((leaf) => {
    const value = valueAt(loaded.config, leaf.key)
    return {
      key: leaf.key,
      value: leaf.isSecret && value !== undefined ? '[redacted]' : withoutKeys(value ?? null),
      source: loaded.sources[leaf.key] ?? 'default',
    }
  })
}
