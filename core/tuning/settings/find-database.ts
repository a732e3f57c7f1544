import type { ConfigSource } from '#core/base/config/load-config'
import { StoreError } from '#core/base/errors/app-error'

/** A miner at work on this computer, by the lock that it holds. */
export interface RunningMiner {
  readonly pid: number
  readonly databasePath: string
}

export interface DatabasePlaces {
  /** The setting `db.path` as a full path. */
  readonly configured: string
  readonly source: ConfigSource
  /** The name of the configuration file that was read. */
  readonly configFile: string | undefined
  /** Where a miner that was started in the checkout keeps its database. */
  readonly checkout: string
  readonly exists: (path: string) => boolean
  readonly runningMiners: () => readonly RunningMiner[]
}

export interface FoundDatabase {
  readonly path: string
  /** Says which database it is, where the operator could expect another one. */
  readonly note: string | undefined
}

/**
 * Where to read what the miner keeps: the named file, else the one in this folder, else the one of the running miner, else
 * that of the checkout. Reading never makes one. A command that brings its own data may (`mayCreate`), where a person
 * has named the file.
 */
export function findDatabase(places: DatabasePlaces, mayCreate: boolean): FoundDatabase {
  const { configured, source, checkout, exists } = places
  if (exists(configured)) return { path: configured, note: undefined }
  if (source !== 'default') {
    if (mayCreate) return { path: configured, note: undefined }
    throw new StoreError('STORE_MISSING', `There is no database ${configured}, which ${namedBy(places)} names.`, {
      hint: `Correct ${namedBy(places)}, or start the miner: its first start creates the database.`,
    })
  }
  const running = places.runningMiners()
  const own = running.filter(({ databasePath }) => databasePath === checkout)
  const miners = own.length > 0 ? own : running
  const [miner] = miners
  if (miners.length > 1) {
    const paths = miners.map(({ databasePath }) => databasePath)
    throw new StoreError('STORE_MISSING', `There is no database ${configured}, and several miners run.`, {
      hint: `Add one of: ${paths.map((path) => `--db.path ${path}`).join(', ')}.`,
    })
  }
  if (miner !== undefined) {
    const { databasePath, pid } = miner
    return { path: databasePath, note: `Database: ${databasePath}, of the running miner (${pid}). ${ownSettings}` }
  }
  if (exists(checkout)) return { path: checkout, note: `Database: ${checkout}, of the checkout. ${ownSettings}` }
  const make = mayCreate ? ' "--db.path data/miner.sqlite" makes one here.' : ''
  throw new StoreError('STORE_MISSING', `There is no database ${configured}, and no miner runs on this computer.`, {
    hint: `Go to the folder in which the miner was started, or add --db.path FILE; "pm2 start miner" starts one.${make}`,
  })
}

/** Rules and venues of the miner may be in its own file, and scores depend on them. */
const ownSettings = 'Its configuration file is not read: add --config FILE if it has one.'

function namedBy({ source, configFile }: DatabasePlaces): string {
  if (source === 'flag') return '--db.path'
  return source === 'environment' ? 'VOLCAST_DB_PATH' : `db.path in ${configFile ?? 'the configuration file'}`
}
