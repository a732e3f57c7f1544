import { kindOf } from './minute-day.ts'

/** `keep`: the stored close stays. `replace`: an operator has said that the new closes are right. */
export type MergeMode = 'keep' | 'replace'

export interface SlotConflict {
  readonly slot: number
  readonly stored: number
  readonly offered: number
}

export interface MergeCount {
  /** Closes of minutes that were unknown. */
  added: number
  /** Unknown minutes that are now known to have no candle. */
  gapsDeclared: number
  /** Closes in place of a declared gap: the venue delivered late. */
  gapsFilled: number
  /** Closes that were stored already, with the same bits. */
  unchanged: number
  conflicts: number
}

export function emptyCount(): MergeCount {
  return { added: 0, gapsDeclared: 0, gapsFilled: 0, unchanged: 0, conflicts: 0 }
}

/**
 * Merges what a source offers into a stored day, in place; returns whether the day has changed. Only final closes are
 * ever offered, and the first one stored stays, because it is the one that was scored. A different later close is a
 * conflict: it is reported and otherwise has no effect (in `replace` mode it replaces the stored one). A close replaces
 * a declared gap, and a declared gap replaces an unknown minute.
 */
export function mergeDay(
  stored: Float64Array,
  offered: Float64Array,
  mode: MergeMode,
  count: MergeCount,
  onConflict: (conflict: SlotConflict) => void,
): boolean {
  let hasChanged = false
  for (let slot = 0; slot < stored.length; slot += 1) {
    const was = stored[slot]!
    const now = offered[slot]!
    if (now === 0) continue
    if (now > 0) {
      if (was === now) {
        count.unchanged += 1
        continue
      }
      if (was > 0) {
        count.conflicts += 1
        onConflict({ slot, stored: was, offered: now })
        if (mode === 'keep') continue
      } else if (was === 0) count.added += 1
      else count.gapsFilled += 1
      stored[slot] = now
      hasChanged = true
    } else if (kindOf(was) === 'unknown') {
      stored[slot] = now
      count.gapsDeclared += 1
      hasChanged = true
    }
  }
  return hasChanged
}
