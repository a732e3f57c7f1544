import { existsSync, rmSync } from 'node:fs'
import { type Database, type OpenDatabaseOptions, openNonceDatabase } from './database.ts'
import { findDamage, moveAside } from './find-damage.ts'
import { nonceMarkPathsOf, noncePathOf } from './nonce-path.ts'

export interface SoundNonces {
  readonly db: Database
  readonly damage: string | undefined
}

/**
 * For the miner at its start. A file that is missing or damaged holds nothing of what was answered, so the mark of
 * completeness goes first. A damaged one is moved aside, byte for byte, and a new one is made.
 */
export function openSoundNonces(options: OpenDatabaseOptions): SoundNonces {
  const path = noncePathOf(options.path)
  const damage = findDamage({ ...options, path })
  if (damage !== undefined || !existsSync(path)) rmSync(nonceMarkPathsOf(options.path).complete, { force: true })
  if (damage !== undefined) moveAside(path, options.clock.nowMs())
  return { db: openNonceDatabase(options), damage }
}
