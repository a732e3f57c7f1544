import { type LoadedConfig, loadConfig } from '#core/base/config/load-config'
import { DaemonConfig } from '#daemon/config'
import { standInSettings } from '../market/server.ts'

/**
 * Settings of a miner that lives with the stand-ins: the defaults, but for the venues, its database, and that it
 * listens on loopback alone. Neither the operator's file nor the environment is read; only what was said on this very
 * command line is over them.
 */
export function devSettings(
  place: {
    marketUrl: string
    databasePath: string
    axonPort: number
    healthPort: number
  },
  flags: readonly string[] = [],
): LoadedConfig<DaemonConfig> {
  return loadConfig({
    schema: DaemonConfig,
    argv: flags,
    env: {},
    file: {
      name: 'the stand-ins',
      values: {
        db: { path: place.databasePath },
        market: standInSettings(place.marketUrl),
        recorder: { fillDays },
        axon: { host: '127.0.0.1', port: place.axonPort },
        health: { host: '127.0.0.1', port: place.healthPort },
      },
    },
  })
}

/** So much of the past is fetched at the first start: a week, which takes a minute of ticks. */
const fillDays = 7
