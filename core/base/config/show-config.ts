import type { ConfigSource, LoadedConfig } from './load-config.ts'
import { valueAt } from './value-at.ts'

export interface ConfigLine {
  readonly key: string
  readonly value: unknown
  readonly source: ConfigSource
}

/** Every setting with its value and source. Secrets are replaced here, before any output. */
export function showConfig(loaded: LoadedConfig<unknown>): ConfigLine[] {
  return loaded.leaves.map((leaf) => {
    const value = valueAt(loaded.config, leaf.key)
    return {
      key: leaf.key,
      value: leaf.isSecret && value !== undefined ? '[redacted]' : (value ?? null),
      source: loaded.sources[leaf.key] ?? 'default',
    }
  })
}
