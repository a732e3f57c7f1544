import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { MarkFile } from '#adapters/files/mark-file'
import { nonceMarkPathsOf } from '#adapters/sqlite/nonce-path'
import type { HealthBoard } from '#core/base/health/health-board'
import type { ShutdownStack } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import type { NonceStore } from '#core/bittensor/admission/nonce-store'
import { toNs } from '#core/bittensor/admission/nonce-window'
import type { DaemonConfig } from './config.ts'
import { KeptNonces } from './nonces/kept-nonces.ts'
import type { NonceWorkerData } from './nonces/nonce-worker.ts'
import { startWorker } from './workers/start-worker.ts'
import type { StoreAnswer, StoreCall } from './workers/store-calls.ts'
import { StoreThread } from './workers/store-thread.ts'

export interface NonceParts {
  readonly stack: ShutdownStack
  readonly board: HealthBoard
  /** The miner's own time: nonces are compared with it. */
  readonly clock: Clock
  /** Whether somebody else confirms that time. */
  readonly isTimeSure: () => boolean
  readonly log: Logger
  readonly packageRoot: string
  /** When this process got the data folder for itself: nothing was answered from it later than that by another. */
  readonly lockedAtMonotonicMs: number
  readonly onBug: (error: unknown) => void
}

/** Where used nonces are remembered. The main file is open already. */
export async function composeNonces(
  parts: NonceParts,
  { db, auth }: Pick<DaemonConfig, 'db' | 'auth'>,
): Promise<NonceStore> {
  const { stack, board, clock, packageRoot, lockedAtMonotonicMs, isTimeSure, onBug } = parts
  const log = parts.log.child({ component: 'nonces' })
  const workerData: NonceWorkerData = { dbPath: db.path, migrationsDir: join(packageRoot, 'migrations') }
  const place = { beside: import.meta.url, file: 'nonces/nonce-worker' }
  const start = () => startWorker<StoreCall, StoreAnswer>(place, { workerData, name: 'nonces' })
  const thread = new StoreThread({ clock: systemClock, log, start })
  await stack.use('nonce thread', thread)
  const writer = {
    load: () => thread.call<never>('load'),
    write: (batch: unknown) => thread.call<void>('write', batch),
  }
  const paths = nonceMarkPathsOf(db.path)
  const [complete, near] = [new MarkFile(paths.complete), new MarkFile(paths.near)]
  const nowNs = () => toNs(clock.nowMs())
  const options = {
    // The time to work by may still move; how long ago that was does not.
    lockedNs: () => toNs(clock.nowMs() - (clock.monotonicMs() - lockedAtMonotonicMs)),
    aheadNs: toNs(Math.max(auth.nonceAheadMs, auth.btauthMaxAheadMs)),
  }
  const deps = { clock: systemClock, nowNs, isTimeSure, log, writer, complete, near, onBug }
  const nonces = await stack.use('nonces', KeptNonces.start(deps, options))
  board.register('nonces', () => nonces.health())
  return nonces
}
