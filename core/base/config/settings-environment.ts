import { type ConfigSource, envName, type LoadedConfig } from './load-config.ts'
import { valueAt } from './value-at.ts'

/**
 * The values of these sections as environment variables for a child process. The child then works on the same database
 * and venues, wherever the settings came from, and no secret is on its command line.
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
