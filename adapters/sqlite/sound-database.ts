import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreError } from '#core/base/errors/app-error'
import type { Logger } from '#core/base/log/logger'
import { type Database, type OpenDatabaseOptions, openDatabase } from './database.ts'
import { findDamage, moveAside, syncFolder } from './find-damage.ts'
import { nonceMarkPathsOf } from './nonce-path.ts'
import { type Salvage, salvageDatabase } from './salvage-database.ts'

export interface OpenSoundOptions extends OpenDatabaseOptions {
  readonly log: Logger
  /** With a sentence for the health page. */
  readonly onDamage?: (sentence: string) => void
}

/**
 * For the miner at its start, and only while it holds the process lock: a file that is not an intact database of ours is moved
 * aside, byte for byte, and a new one made of what can be read of it, table by table. A miner that does not start earns
 * nothing. Locked, newer or unreadable files are not damaged: those stay where they are and end the start.
 */
export function openSoundDatabase(options: OpenSoundOptions): Database {
  // A start that was killed while it exchanged the files; what is called so is complete.
  if (existsSync(`${options.path}.rebuilt`)) exchange(options)
  const damage = findDamage(options)
  if (damage !== undefined) return replace(options, damage)
  try {
    return openDatabase({ ...options, holdsLock: true })
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'STORE_CORRUPT')) throw error
    return replace(options, error.message)
  }
}

function replace(options: OpenSoundOptions, reason: string): Database {
  const { log, path, onDamage } = options
  const salvage = salvageDatabase(options)
  const movedTo = exchange(options)
  const kept = listed(salvage?.kept ?? {}, (rows) => rows !== 0)
  const lost = salvage === undefined ? 'everything' : listed(salvage.lost, () => true)
  log.error(
    { event: 'database.store_corrupt', path, movedTo, reason, kept, lost },
    'The database was damaged; it was moved aside, and what could be read is in a new one',
  )
  onDamage?.(
    salvage === undefined
      ? `The database was damaged and nothing of it could be read; it lies in ${movedTo}.`
      : `The database was damaged. Lost rows: ${lost}. The damaged file lies in ${movedTo}.`,
  )
  const db = openDatabase({ ...options, holdsLock: true })
  // An older release kept nonces in it, and some of them may be lost.
  rmSync(nonceMarkPathsOf(path).near, { force: true })
  return db
}

function exchange({ path, clock }: OpenSoundOptions): string {
  const movedTo = existsSync(path) ? moveAside(path, clock.nowMs()) : path
  if (existsSync(`${path}.rebuilt`)) {
    renameSync(`${path}.rebuilt`, path)
    syncFolder(dirname(path))
  }
  return movedTo
}

function listed(rows: Salvage['lost'], isNamed: (count: number | null) => boolean): string {
  const named = Object.entries(rows).filter(([, count]) => isNamed(count))
  return named.length === 0 ? 'none' : named.map(([name, count]) => `${name} ${count ?? 'some'}`).join(', ')
}
