import { z } from 'zod'
import { newYorkOffsetMs } from '#core/base/time/new-york'
import { dayMs } from '#core/base/time/units'

export const clockSetting = z.enum(['utc', 'newYork']).default('newYork').describe('whose day it is')
type LocalClock = z.output<typeof clockSetting>

/** 1970 began on a Thursday; weeks here begin on Monday. */
const mondayShiftMs = 3 * dayMs

export function shareOfDay(clock: LocalClock, atMs: number): number {
  return (localMs(clock, atMs) / dayMs) % 1
}

export function shareOfWeek(clock: LocalClock, atMs: number): number {
  return ((localMs(clock, atMs) + mondayShiftMs) / (7 * dayMs)) % 1
}

function localMs(clock: LocalClock, atMs: number): number {
  return clock === 'newYork' ? atMs + newYorkOffsetMs(atMs) : atMs
}
