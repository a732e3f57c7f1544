/**
 * A writer of the ledger in a process of its own. `propose` tries to change some asset, `revert` undoes whatever is
 * open; each says at the end, as one line of JSON, how often it was let through and how often refused.
 */

import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { openGovernanceDatabase } from '#adapters/sqlite/database'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { AppError } from '#core/base/errors/app-error'
import { SplitMix64 } from '#core/base/random/rng'
import { dayMs } from '#core/base/time/units'
import { currentValue } from '#core/tuning/governance/change-parameters'
import { parametersOf, replayLedger, statusOf } from '#core/tuning/governance/governance-state'
import { toParameter } from '#core/tuning/governance/parameter-catalogue'
import { proposeChange } from '#core/tuning/governance/propose-change'
import { revertChange } from '#core/tuning/governance/revert-change'
import { servedByAll } from './served-by.ts'

export interface LedgerChildOptions {
  readonly mode: 'propose' | 'revert'
  readonly dbPath: string
  readonly seed: string
  readonly tries: number
}

export interface LedgerChildReport {
  readonly done: number
  readonly refused: Readonly<Record<string, number>>
}

const options = JSON.parse(process.argv[2]!) as LedgerChildOptions
const rng = new SplitMix64(BigInt(options.seed))
const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
const db = openGovernanceDatabase({ path: options.dbPath, migrationsDir, clock: systemClock, busyTimeoutMs: 20_000 })
const ledger = new SqliteLedgerStore(db)
const startedAtMs = Date.UTC(2026, 0, 1)
const lambda = toParameter('lambda')!
const refused: Record<string, number> = {}
let done = 0

for (let i = 0; i < options.tries; i += 1) {
  try {
    ledger.append((entries) => {
      const state = replayLedger(entries)
      // Always late enough: what is left to refuse is what is open.
      const nowMs = (state.lastEntry?.atMs ?? startedAtMs) + 31 * dayMs
      const asset = ['BTC', 'ETH'][Math.floor(rng.next() * 2)]!
      const open = state.changes.find((change) => statusOf(change) === 'observed')
      if (options.mode === 'revert' && open === undefined) return []
      const by = { reason: 'a test', by: 'operator' as const }
      const answer =
        options.mode === 'propose'
          ? proposeChange(
              state,
              {
                ...{ ...by, asset, parameter: lambda, isForced: true },
                value: currentValue(parametersOf(state, asset), lambda) === 0.93 ? 0.94 : 0.93,
              },
              {
                ...{ nowMs, minerStartedAtMs: startedAtMs, evidence: undefined },
                settings: { mode: 'perAsset', limits: {} },
                served: servedByAll,
              },
            )
          : revertChange(state, { ...by, changeId: open!.id, nowMs, assessment: 'unknown', comparison: null })
      if (!answer.ok) {
        refused[answer.refusal.code] = (refused[answer.refusal.code] ?? 0) + 1
        return []
      }
      done += 1
      return 'entries' in answer ? answer.entries : [answer.entry]
    })
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    refused[error.code] = (refused[error.code] ?? 0) + 1
    done -= 1
  }
}
db.close()
process.stdout.write(JSON.stringify({ done, refused } satisfies LedgerChildReport))
