import type { Database } from '#adapters/sqlite/database'
import { SqliteGovernanceStore } from '#adapters/sqlite/governance-store'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import type { HealthBoard } from '#core/base/health/health-board'
import type { ShutdownStack } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import type { ParameterSource } from '#core/forecast/parameters/asset-parameters'
import { startLiveParameters } from './governance/live-parameters.ts'

export interface GovernanceParts {
  readonly stack: ShutdownStack
  readonly board: HealthBoard
  readonly db: Database
  readonly clock: Clock
  readonly log: Logger
  readonly onBug: (error: unknown) => void
}

/** The parameters that forecasts are made with, kept up to date with the ledger from here on. */
export async function composeGovernance(parts: GovernanceParts): Promise<ParameterSource> {
  const { stack, board, db, clock, log, onBug } = parts
  new SqliteGovernanceStore(db).recordStart(clock.nowMs())
  const ledger = new SqliteLedgerStore(db)
  const { parameters, finished, stop } = startLiveParameters({ ledger, clock, log })
  finished.catch(onBug)
  await stack.use('parameters', { stop })
  board.register('governance', () => parameters.health())
  return parameters
}
