import { dayMs } from '#core/base/time/units'
import type { EffectiveInstant } from './regime.ts'

/** When a rule became effective: the instant, the earliest and the latest possible one. */
export interface InstantBounds {
  readonly atMs: number
  readonly earliestMs: number
  /** Infinity when the rule has not been seen yet. */
  readonly latestMs: number
}

const dateOnly = /^\d{4}-\d{2}-\d{2}$/
const withZone = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.]\d+)?)?(Z|[+-]\d{2}:\d{2})$/

/** ISO 8601 with a zone, or a date, which is its first instant in UTC. Undefined for anything else. */
export function parseInstantMs(text: string): number | undefined {
  if (!dateOnly.test(text) && !withZone.test(text)) return undefined
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) return undefined
  // Date.parse reads 2026-02-30 as 2026-03-02.
  const day = text.slice(0, 10)
  return new Date(Date.parse(`${day}T00:00:00Z`)).toISOString().startsWith(day) ? ms : undefined
}

export function formatInstant(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

/** Bounds of an instant that the schema has accepted. */
export function instantBounds(instant: EffectiveInstant): InstantBounds {
  const atMs = Date.parse(instant.at)
  switch (instant.certainty) {
    case 'exact':
      return { atMs, earliestMs: atMs, latestMs: atMs }
    case 'day':
      return { atMs, earliestMs: atMs, latestMs: atMs + dayMs }
    case 'estimated':
      return {
        atMs,
        earliestMs: instant.earliest === undefined ? atMs : Date.parse(instant.earliest),
        latestMs: instant.latest === undefined ? Number.POSITIVE_INFINITY : Date.parse(instant.latest),
      }
  }
}

export const exactly = (at: string): EffectiveInstant => ({ at, certainty: 'exact' })
export const onDay = (day: string): EffectiveInstant => ({ at: `${day}T00:00:00Z`, certainty: 'day' })
export const between = (earliest: string, at: string, latest: string): EffectiveInstant => ({
  at,
  certainty: 'estimated',
  earliest,
  latest,
})
