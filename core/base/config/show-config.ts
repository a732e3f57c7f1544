import type { ConfigSource, LoadedConfig } from './load-config.ts'

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

function valueAt(tree: unknown, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>(
      (node, name) => (typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[name] : undefined),
      tree,
    )
}
