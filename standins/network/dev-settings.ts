import { type LoadedConfig, loadConfig } from '#core/base/config/load-config'
import { DaemonConfig } from '#daemon/config'
import { standInSettings } from '../market/server.ts'

/**
 * Settings of a miner that runs with the stand-ins: the defaults, except for the venues, the database and the address,
 * which is loopback only. Neither the operator's file nor the environment is read. Only settings on this command line
 * come before them.
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
        // Its runs are processes in real time: they would judge a market of another time.
        tuning: { enabled: false },
        axon: { host: '127.0.0.1', port: place.axonPort },
        health: { host: '127.0.0.1', port: place.healthPort },
      },
    },
  })
}

/** How much of the past the first start fetches: a week, which takes a minute of ticks. */
const fillDays = 7
