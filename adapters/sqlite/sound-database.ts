import { StoreError } from '#core/base/errors/app-error'
import type { Logger } from '#core/base/log/logger'
import { type Database, type OpenDatabaseOptions, openDatabase } from './database.ts'
import { findDamage, moveAside } from './find-damage.ts'

/**
 * For the miner at its start, and only while it holds the process lock. A file that is not an intact database of ours
 * is moved aside, byte for byte, and a new one is created. A miner that does not start earns nothing, and recorded data
 * can be fetched again. Locked, newer or unreadable files are not damaged: those stay where they are and end the start.
 */
export function openSoundDatabase(options: OpenDatabaseOptions & { readonly log: Logger }): Database {
  const damage = findDamage(options)
  if (damage !== undefined) return replace(options, damage)
  try {
    return openDatabase(options)
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'STORE_CORRUPT')) throw error
    return replace(options, error.message)
  }
}

function replace({ log, ...options }: OpenDatabaseOptions & { readonly log: Logger }, reason: string): Database {
  const movedTo = moveAside(options.path, options.clock.nowMs())
  log.error(
    { event: 'database.store_corrupt', path: options.path, movedTo, reason },
    'The database was damaged; it was moved aside and a new one was created',
  )
  return openDatabase(options)
}
