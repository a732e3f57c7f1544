import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { acquireProcessLock } from '#adapters/lock/process-lock'
import { type Database, openDatabase } from '#adapters/sqlite/database'
import type { LoadedConfig } from '#core/config/load-config'
import { showConfig } from '#core/config/show-config'
import { HealthBoard } from '#core/health/health-board'
import { ShutdownStack } from '#core/lifecycle/shutdown-stack'
import type { Logger } from '#core/log/logger'
import type { DaemonConfig } from './config.ts'
import { startHealthServer } from './health/health-server.ts'

export interface Daemon {
  readonly healthUrl: string
  readonly board: HealthBoard
  stop(): Promise<void>
}

/** The wiring of the miner, top to bottom in the order of starting; stopping walks it in reverse. */
export async function composeDaemon(
  loaded: LoadedConfig<DaemonConfig>,
  outside: { log: Logger; packageRoot: string; version: string; pid: number },
): Promise<Daemon> {
  const { config } = loaded
  const { log, packageRoot, version } = outside
  const clock = systemClock
  const settings = Object.fromEntries(
    showConfig(loaded).map((line) => [line.key, `${JSON.stringify(line.value)} (${line.source})`]),
  )
  log.info({ event: 'miner.started', version, settings }, 'Miner starting')

  const stack = new ShutdownStack({ log, clock })
  const board = new HealthBoard()
  await stack.use(
    'process lock',
    inOrder(() => acquireProcessLock(config.db.path, outside.pid)),
  )
  await stack.use(
    'database',
    inOrder(() =>
      closeable(openDatabase({ path: config.db.path, migrationsDir: join(packageRoot, 'migrations'), clock })),
    ),
  )
  board.set('database', { state: 'ok', sentence: `${config.db.path} is open and up to date.` })

  const book = loadRegimeBook(config.regimes.file)
  const newest = book.timelines.score.at(-1)
  board.set('rules', {
    state: 'ok',
    sentence: `${book.regimes.length} regimes known, the newest ${newest?.regime.id}.`,
  })

  const health = await stack.use('health page', startHealthServer({ board, version }, config.health))
  board.enter('running')
  log.info({ event: 'miner.ready', healthUrl: health.url, state: board.report().state }, 'Miner ready')

  return {
    healthUrl: health.url,
    board,
    stop: async () => {
      board.enter('draining')
      await stack.stop()
      board.enter('stopped')
      log.info({ event: 'miner.stopped' }, 'Miner stopped')
    },
  }
}

/** Turns a throw at start into a rejection, so that the stack unwinds what had started. */
async function inOrder<T>(start: () => T): Promise<T> {
  return start()
}

function closeable(db: Database): Database & { stop(): void } {
  return Object.assign(db, { stop: () => void db.close() })
}
