import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { HealthBoard } from '#core/base/health/health-board'
import { ShutdownStack } from '#core/base/lifecycle/shutdown-stack'
import type { NonceStore } from '#core/bittensor/admission/nonce-store'
import { composeNonces } from '#daemon/compose-nonces'
import { DaemonConfig } from '#daemon/config'
import { TestLogger } from './test-logger.ts'

export interface RealNonces {
  readonly nonces: NonceStore
  readonly board: HealthBoard
  readonly stack: ShutdownStack
}

/** The nonces of a miner with this main file, by the real clock and on their own thread. Stop the stack in the end. */
export async function openRealNonces(dbPath: string): Promise<RealNonces> {
  const log = new TestLogger()
  const stack = new ShutdownStack({ log, clock: systemClock })
  const board = new HealthBoard()
  const onBug = (error: unknown) => {
    throw error
  }
  const packageRoot = join(import.meta.dirname, '..', '..')
  const defaults = DaemonConfig.parse({})
  // Without a window ahead the floor of a first start is the start itself.
  const config = {
    db: { ...defaults.db, path: dbPath },
    auth: { ...defaults.auth, nonceAheadMs: 0, btauthMaxAheadMs: 0 },
  }
  const nonces = await composeNonces(
    {
      ...{ stack, board, clock: systemClock, isTimeSure: () => true, log, packageRoot, onBug },
      lockedAtMonotonicMs: systemClock.monotonicMs(),
    },
    config,
  )
  return { nonces, board, stack }
}
