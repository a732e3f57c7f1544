import { midnightSeconds } from '#core/base/time/midnight-seconds'
import { hourSeconds } from '#core/base/time/units'

/**
 * A start time as validators write it: `2026-05-25T12:01:00+00:00`. The offset counts, and a text without one is UTC. A
 * text that does not name an exact whole second is undefined, not guessed (the validator's own template drops the
 * offset).
 */
const instantText =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,]0{1,9})?(?:(Z)|([+-])(\d{2}):?(\d{2})(?::?00)?)?$/

export function parseStartTime(text: string): number | undefined {
  if (text.length > 40) return undefined
  const match = instantText.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  // No leap second and no 24:00: Date would silently shift both.
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const midnight = midnightSeconds(year, month, day)
  const offset = offsetSeconds(match)
  if (midnight === undefined || offset === undefined) return undefined
  return midnight + hour * hourSeconds + minute * 60 + second - offset
}

/** The one form that we send back. */
export function startTimeText(atSeconds: number): string {
  return `${new Date(atSeconds * 1_000).toISOString().slice(0, 19)}+00:00`
}

function offsetSeconds(match: RegExpExecArray): number | undefined {
  const sign = match[8]
  if (sign === undefined) return 0
  const hours = Number(match[9])
  const minutes = Number(match[10])
  if (hours > 23 || minutes > 59) return undefined
  return (sign === '-' ? -1 : 1) * (hours * hourSeconds + minutes * 60)
}
