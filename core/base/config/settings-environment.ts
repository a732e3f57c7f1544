import { type ConfigSource, envName, type LoadedConfig } from './load-config.ts'

/**
 * What was set in these sections, as environment variables for a child of ours: it then works on the same database and
 * venues, whichever way the settings came in, and no secret stands in its command line.
 */
export function settingsEnvironment(
  { config, leaves, sources }: LoadedConfig<unknown>,
  sections: ReadonlySet<string>,
): Record<string, string> {
  const isSet = (source: ConfigSource | undefined) => source !== undefined && source !== 'default'
  return Object.fromEntries(
    leaves
      .filter(({ key }) => sections.has(key.split('.')[0]!) && isSet(sources[key]))
      .map(({ key }) => {
        const value = valueAt(config, key)
        return [envName(key), typeof value === 'string' ? value : JSON.stringify(value)]
      }),
  )
}

function valueAt(tree: unknown, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>(
      (node, name) => (typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[name] : undefined),
      tree,
    )
}
