import { type EventKind, eventsOn, newYorkDay } from '#core/base/time/american-calendar'
import { newYorkOffsetMs } from '#core/base/time/new-york'
import { dayMs, minuteMs } from '#core/base/time/units'

/** Minutes after (or, negative, before) an announcement, or after midnight of a holiday. */
export interface EventWindow {
  readonly kind: EventKind
  readonly fromMinutes: number
  readonly toMinutes: number
}

/** How large moves are there, relative to the rhythm of the week. */
export interface EventScale extends EventWindow {
  readonly scale: number
}

/** Index of the window of a moment, or -1. Windows end on the day of their event. */
export function eventWindowAt(windows: readonly EventWindow[], atMs: number): number {
  if (windows.length === 0) return -1
  const events = eventsOn(newYorkDay(atMs))
  if (events.length === 0) return -1
  const localMs = atMs + newYorkOffsetMs(atMs)
  const minute = (localMs - Math.floor(localMs / dayMs) * dayMs) / minuteMs
  return windows.findIndex(({ kind, fromMinutes, toMinutes }) =>
    events.some((event) => {
      const after = minute - event.atMinute
      return event.kind === kind && after >= fromMinutes && after < toMinutes
    }),
  )
}

/** A larger multiple of its level says no more about an event than this bound. */
const outlierBound = 25

export interface EventData {
  /** Absolute, relative to the rhythm of the week. */
  readonly moves: Float64Array
  /** The reference: their level without an event. */
  readonly level: Float64Array
  /** Index of the window of each, or -1. */
  readonly windowOf: Int32Array
  readonly stepSeconds: number
}

/** Each window's moves relative to all others, pulled towards `prior` (or 1) as if that were this many `events`. */
export function fitEventScales(
  { moves, level, windowOf, stepSeconds }: EventData,
  windows: readonly EventWindow[],
  events: number,
  prior: readonly EventScale[] = [],
): EventScale[] {
  const sums = new Float64Array(windows.length + 1)
  const counts = new Float64Array(windows.length + 1)
  for (let i = 0; i < moves.length; i += 1) {
    const ratio = moves[i]! / level[i]!
    if (!Number.isFinite(ratio)) continue
    sums[windowOf[i]! + 1]! += Math.min(ratio, outlierBound)
    counts[windowOf[i]! + 1]! += 1
  }
  const usual = counts[0]! > 0 && sums[0]! > 0 ? sums[0]! / counts[0]! : 1
  return windows.map((window, index) => {
    const weight = (events * (window.toMinutes - window.fromMinutes) * 60) / stepSeconds
    const towards = prior.find((other) => isSameWindow(other, window))?.scale ?? 1
    const scale = (sums[index + 1]! / usual + towards * weight) / (counts[index + 1]! + weight)
    return { ...window, scale }
  })
}

/** The average over several markets: those that know a window. */
export function poolEventScales(
  markets: readonly { readonly scales: readonly EventScale[]; readonly weight: number }[],
): EventScale[] {
  const windows = markets.find(({ scales }) => scales.length > 0)?.scales ?? []
  return windows.map((window) => {
    const alike = markets.flatMap(({ scales, weight }) => {
      const own = scales.find((other) => isSameWindow(other, window))
      return own === undefined ? [] : [{ scale: own.scale, weight }]
    })
    const total = alike.reduce((sum, { weight }) => sum + weight, 0)
    return { ...window, scale: alike.reduce((sum, { scale, weight }) => sum + (weight / total) * scale, 0) }
  })
}

function isSameWindow(one: EventWindow, other: EventWindow): boolean {
  return one.kind === other.kind && one.fromMinutes === other.fromMinutes && one.toMinutes === other.toMinutes
}
