import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const sharedFolder = join(import.meta.dirname, '../../../shared')

/** The reference material beside the project, which a user's clone does not have. */
export const hasShared = existsSync(sharedFolder)
export const skippedWithoutShared = hasShared ? '' : ' (skipped: no ../shared)'

export function sharedPath(...parts: string[]): string {
  return join(sharedFolder, ...parts)
}

export function readSharedJson(...parts: string[]): unknown {
  return JSON.parse(readFileSync(sharedPath(...parts), 'utf8'))
}
