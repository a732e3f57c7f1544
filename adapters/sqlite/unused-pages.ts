import type { Database } from './database.ts'

export interface UnusedPages {
  readonly bytes: number
  /** The file gives them back while it is in use. Files of older releases do not: `miner shrink`. */
  readonly canShrink: boolean
}

const incremental = 2
const pagesAStep = 256

export function unusedPages(db: Database): UnusedPages {
  const number = (name: string) => db.pragma(name, { simple: true }) as number
  const bytes = number('freelist_count') * number('page_size')
  return { bytes, canShrink: number('auto_vacuum') === incremental }
}

/** One short step: returns the bytes by which the file is smaller; 0 is the end. `keepBytes` wait for the next prices. */
export function releasePages(db: Database, keepBytes: number): number {
  const { bytes, canShrink } = unusedPages(db)
  if (!canShrink || bytes <= keepBytes) return 0
  db.pragma(`incremental_vacuum(${pagesAStep})`)
  return bytes - unusedPages(db).bytes
}
