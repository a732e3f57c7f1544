import { newYorkOffsetMs } from '#core/base/time/new-york'
import { dayMs } from '#core/base/time/units'
import type { TimeFeature } from './feature-list.ts'

/** 1970 began on a Thursday; weeks here begin on Monday. */
const mondayShiftMs = 3 * dayMs

/** Before normalisation. */
export function timeFeature({ kind, clock }: TimeFeature, atMs: number): number {
  const localMs = clock === 'newYork' ? atMs + newYorkOffsetMs(atMs) : atMs
  const day = (localMs / dayMs) % 1
  const week = ((localMs + mondayShiftMs) / (7 * dayMs)) % 1
  switch (kind) {
    case 'daySin':
      return Math.sin(2 * Math.PI * day)
    case 'dayCos':
      return Math.cos(2 * Math.PI * day)
    case 'weekSin':
      return Math.sin(2 * Math.PI * week)
    case 'weekCos':
      return Math.cos(2 * Math.PI * week)
    case 'isWeekend':
      return week * 7 >= 5 ? 1 : 0
  }
}
