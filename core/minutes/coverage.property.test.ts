import fc from 'fast-check'
import { expect, it } from 'vitest'
import { minuteMs } from '../market/minute-history.ts'
import { cutByKind, cutSpan, describeCoverage, joinNearSpans, minutesIn, unknownSpans } from './coverage.ts'
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
it('joins spans without losing a minute and keeps the wider distances', () => {
  fc.assert(
    fc.property(slots, fc.nat(5), (day, bridge) => {
      const spans = unknownSpans(day, fromMs)
      const joined = joinNearSpans(spans, bridge)
      for (const span of spans) {
        expect(joined.some((wide) => wide.fromMs <= span.fromMs && wide.toMs >= span.toMs)).toBe(true)
      }
      for (const [i, span] of joined.slice(1).entries()) {
        expect((span.fromMs - joined[i]!.toMs) / minuteMs - 1).toBeGreaterThan(bridge)
      }
    }),
  )
})
it('cuts a span into pieces that make it up', () => {
  fc.assert(
    fc.property(fc.nat(100), fc.integer({ min: 1, max: 30 }), (length, pieceMinutes) => {
      const span = { fromMs, toMs: fromMs + length * minuteMs }
      const pieces = cutSpan(span, pieceMinutes)
      expect(pieces[0]?.fromMs).toBe(span.fromMs)
      expect(pieces.at(-1)?.toMs).toBe(span.toMs)
      expect(pieces.reduce((sum, piece) => sum + minutesIn(piece), 0)).toBe(length + 1)
      expect(Math.max(...pieces.map(minutesIn))).toBeLessThanOrEqual(pieceMinutes)
    }),
  )
})
