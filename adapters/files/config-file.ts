import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { ConfigError } from '#core/base/errors/app-error'

export const defaultConfigFile = 'volcast.yaml'

/** Reads the configuration file. A named file must exist; the default one may be absent. */
export function readConfigFile(asked: string | undefined): { name: string; values: unknown } | undefined {
  const name = asked ?? defaultConfigFile
  if (asked === undefined && !existsSync(name)) return undefined
  try {
    return { name, values: parse(readFileSync(name, 'utf8')) }
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw new ConfigError('CONFIG_FILE_UNREADABLE', `${name}: ${reason}`, { cause })
  }
}
