import { fromNewYorkClock, newYorkOffsetMs } from '#core/base/time/new-york'
import { dayMs, hourMs } from '#core/base/time/units'

const openMs = 9.5 * hourMs
const closeMs = 16 * hourMs

/**
 * The last opening or closing bell in New York at or before this instant. Holidays are not known here: a bell that did
 * not ring costs the journal one extra record.
 */
export function lastSessionEdgeMs(atMs: number): number {
  const localDay = Math.floor((atMs + newYorkOffsetMs(atMs)) / dayMs)
  // From a Monday before the bell back to the Friday.
  for (let day = localDay; day > localDay - 4; day -= 1) {
    const weekday = new Date(day * dayMs).getUTCDay()
    if (weekday === 0 || weekday === 6) continue
    for (const localMs of [day * dayMs + closeMs, day * dayMs + openMs]) {
      const edgeMs = fromNewYorkClock(localMs)
      if (edgeMs <= atMs) return edgeMs
    }
  }
  return Number.NEGATIVE_INFINITY
}
