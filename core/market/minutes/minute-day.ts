import { dayMinutes, dayMs, minuteMs } from '#core/base/time/units'

/**
 * The unit of the minute store: one UTC day of one series as 1440 slots, the slot of a minute being its place in the
 * day. A slot is a float64 and says all we know of that minute:
 *
 *   > 0   the close of its settled candle, bit for bit as the venue gave it
 *   NaN   a declared gap: the venue was asked, answered, and has no candle (nobody traded)
 *   0     unknown: never asked, or asked in vain
 *
 * Zero and NaN are free for this since no venue's price is either. A day without news is 11520 zero bytes.
 */
export const dayBytes = dayMinutes * 8

export const unknownSlot = 0
export const gapSlot = Number.NaN

export type MinuteKind = 'close' | 'gap' | 'unknown'

export function kindOf(slot: number): MinuteKind {
  if (slot > 0) return 'close'
  return slot === unknownSlot ? 'unknown' : 'gap'
}

export function dayOf(openAtMs: number): number {
  return Math.floor(openAtMs / dayMs)
}

export function slotOf(openAtMs: number): number {
  return (openAtMs - dayOf(openAtMs) * dayMs) / minuteMs
}

export function floorToMinute(atMs: number): number {
  return Math.floor(atMs / minuteMs) * minuteMs
}

export function newDay(): Float64Array {
  return new Float64Array(dayMinutes)
}

/** The stored form: little-endian float64, the native form of every platform that Node supports except s390x. */
export function encodeDay(slots: Float64Array): Uint8Array {
  return new Uint8Array(slots.buffer, slots.byteOffset, slots.byteLength)
}

/** A copy, because a blob's bytes may begin at any offset and belong to the database. */
export function decodeDay(bytes: Uint8Array): Float64Array {
  if (bytes.length !== dayBytes) throw new RangeError(`a stored day has ${dayBytes} bytes, not ${bytes.length}`)
  const slots = newDay()
  new Uint8Array(slots.buffer).set(bytes)
  return slots
}
