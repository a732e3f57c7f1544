import { existsSync } from 'node:fs'
import { calibratedFolders, readCalibratedSets } from '#adapters/files/parameter-folder'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { connectToRead, openDatabaseToRead } from '#adapters/sqlite/database'
import { governancePathOf } from '#adapters/sqlite/governance-path'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { SqliteVolatilityStateStore } from '#adapters/sqlite/volatility-state-store'
import { minuteMs } from '#core/base/time/units'
import { compareStates } from '#core/forecast/models/states/compare-states'
import { RebuiltState } from '#core/forecast/models/states/rebuilt-state'
import { recordedAssets } from '#core/market/minutes/recorder-config'
import { createPriceSourceLookup, createScoredSources } from '#core/market/venues/price-sources'
import { replayLedger } from '#core/tuning/governance/governance-state'
import { parametersInForce } from '#core/tuning/governance/parameters-in-force'
import type { StateContext } from './commands/state.ts'
import type { OpenDeps } from './compose-replay.ts'

/** The newest migration that the stored states need. */
const stateMigration = 51

/** What the miner stored of its volatility, beside the minutes that it came from; nothing is changed. */
export function openState({ clock, config, packageRoot }: OpenDeps): StateContext {
  const book = loadRegimeBook(config.regimes.file)
  const db = openDatabaseToRead({ path: config.db.path, lastMigration: stateMigration })
  const nowMs = clock.nowMs()
  const minutes = new SqliteMinuteStore(db, clock)
  const sources = createPriceSourceLookup(createScoredSources(book, { pythHistory: config.market.pythHistory }))
  const sets = readCalibratedSets(calibratedFolders(packageRoot, config.models.parametersDir))
  const parameters = parametersInForce(replayLedger(readLedger(config.db.path)), nowMs)
  const newestMs = Math.floor(nowMs / minuteMs) * minuteMs - minuteMs
  const rebuild = (asset: string) => {
    const source = sources(asset, nowMs)
    const rules = { lambda: parameters.of(asset).lambda, sets }
    return new RebuiltState(asset, rules, newestMs, (fromMs, toMs) =>
      source === undefined
        ? new Float64Array(0)
        : minutes.readSlots({ asset, venue: source.venue, symbol: source.symbol }, fromMs, toMs),
    )
  }
  const store = new SqliteVolatilityStateStore(db, clock)
  return {
    compare: (threshold) => compareStates(store.readAll(), recordedAssets(config.recorder, book), rebuild, threshold),
    close: () => void db.close(),
  }
}

/** Nothing was ever tuned where there is no file. */
function readLedger(path: string): ReturnType<SqliteLedgerStore['read']> {
  const governancePath = governancePathOf(path)
  if (!existsSync(governancePath)) return []
  const governance = connectToRead(governancePath)
  try {
    return new SqliteLedgerStore(governance).read()
  } finally {
    governance.close()
  }
}
