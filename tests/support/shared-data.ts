import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const shared = join(import.meta.dirname, '..', '..', '..', 'shared')

/** What a test that needs the shared data says where it is absent. */
export const noShared = 'skipped: no ../shared'

export function hasShared(...path: string[]): boolean {
  const found = existsSync(join(shared, ...path))
  if (!found) console.warn(`${noShared}/${path.join('/')}`)
  return found
}

export function readShared(...path: string[]): Buffer {
  return readFileSync(join(shared, ...path))
}
