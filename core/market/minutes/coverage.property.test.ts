import fc from 'fast-check'
import { expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import { cutByKind, describeCoverage, minutesIn, unknownSpans } from './coverage.ts'
import { kindOf } from './minute-day.ts'

const slots = fc.array(fc.constantFrom(0, Number.NaN, 3.5), { maxLength: 200 }).map((list) => Float64Array.from(list))
const fromMs = 1_700_000_040_000

it('cuts a range into runs that cover each minute once and say its kind', () => {
  fc.assert(
    fc.property(slots, (day) => {
      const spans = cutByKind(day, fromMs)
      const kinds = spans.flatMap((span) => Array.from({ length: minutesIn(span) }, () => span.kind))
      expect(kinds).toEqual(Array.from(day, kindOf))
      for (const [i, span] of spans.slice(1).entries()) {
        expect(span.fromMs).toBe(spans[i]!.toMs + minuteMs)
        expect(span.kind).not.toBe(spans[i]!.kind)
      }
    }),
  )
})
it('counts every minute as exactly one of close, gap and unknown', () => {
  fc.assert(
    fc.property(slots, (day) => {
      const coverage = describeCoverage(day, fromMs)
      expect(coverage.closes + coverage.gaps + coverage.unknown).toBe(day.length)
      const inHoles = coverage.holes.reduce((sum, hole) => sum + minutesIn(hole), 0)
      expect(inHoles).toBe(coverage.gaps + coverage.unknown)
    }),
  )
})
it('finds as unknown spans exactly the minutes that are unknown', () => {
  fc.assert(
    fc.property(slots, (day) => {
      const listed = new Set<number>()
      for (const span of unknownSpans(day, fromMs)) {
        for (let atMs = span.fromMs; atMs <= span.toMs; atMs += minuteMs) listed.add((atMs - fromMs) / minuteMs)
      }
      expect([...day.keys()].filter((i) => listed.has(i))).toEqual([...day.keys()].filter((i) => day[i] === 0))
      expect(listed.size).toBe(day.filter((slot) => slot === 0).length)
    }),
  )
})
