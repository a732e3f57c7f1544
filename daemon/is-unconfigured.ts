import type { LoadedConfig } from '#core/base/config/load-config'
import type { DaemonConfig } from './config.ts'
import { resolveWallet } from './wallet/config.ts'

/**
 * Whether the operator has configured nothing: no flag, environment variable or file, neither here nor for the
 * Bittensor tools.
 */
export function isUnconfigured(
  { config, sources }: Pick<LoadedConfig<DaemonConfig>, 'config' | 'sources'>,
  facts: { hasFile: boolean; env: Readonly<Record<string, string | undefined>>; homeFolder: string },
): boolean {
  const isAllDefault = Object.values(sources).every((source) => source === 'default')
  return isAllDefault && !facts.hasFile && !resolveWallet(config.wallet, facts).isConfigured
}
