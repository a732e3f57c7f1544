import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayMs } from '#core/base/time/units'
import { buildRegimeBook, type RegimeBook, regimeSteps } from './book.ts'
import { formatInstant } from './instant.ts'
import type { RegimeStep } from './regime.ts'
import { builtInRegimes } from './table/built-in.ts'
import { findCandidates } from './timeline.ts'

const builtIn = buildRegimeBook(builtInRegimes)
const firstMs = Date.UTC(2025, 10, 11)
const lastMs = Date.UTC(2027, 11, 31)
const anInstant = fc.integer({ min: firstMs, max: lastMs })
const aStep = fc.constantFrom<RegimeStep>(...regimeSteps)

/** Regimes of an operator with bounds of every kind, overlapping ones included. */
const aBook: fc.Arbitrary<RegimeBook> = fc
  .array(
    fc.record({
      step: aStep,
      at: fc.integer({ min: Date.UTC(2026, 9, 1), max: lastMs }),
      before: fc.integer({ min: 0, max: 30 * dayMs }),
      after: fc.option(fc.integer({ min: 0, max: 30 * dayMs })),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((changes) =>
    buildRegimeBook(builtInRegimes, {
      fileName: 'regimes.yaml',
      content: changes.map(({ step, at, before, after }, index) => ({
        id: `own-${index}`,
        extends: '2026-09-22',
        effective: {
          [`${step}From`]: {
            at: formatInstant(at),
            certainty: 'estimated',
            earliest: formatInstant(at - before),
            ...(after === null ? {} : { latest: formatInstant(at + after) }),
          },
        },
      })),
    }),
  )

describe.each([
  ['the built-in regimes', fc.constant(builtIn), 300],
  ['regimes with an operator’s', aBook, 25],
])('%s', (_name, someBook, numRuns) => {
  it('give every instant exactly one regime per step, which is among the candidates', () => {
    fc.assert(
      fc.property(someBook, aStep, anInstant, (book, step, atMs) => {
        const { regimes, decided } = findCandidates(book, step, atMs, undefined)
        expect(regimes.filter((regime) => regime === decided)).toHaveLength(1)
        expect(new Set(regimes).size).toBe(regimes.length)
      }),
      { numRuns },
    )
  })

  it('never go back to an earlier regime as time passes', () => {
    fc.assert(
      fc.property(someBook, aStep, anInstant, anInstant, (book, step, a, b) => {
        const order = book.timelines[step].map(({ regime }) => regime)
        const indexAt = (atMs: number) => order.indexOf(findCandidates(book, step, atMs, undefined).decided)
        expect(indexAt(Math.min(a, b))).toBeLessThanOrEqual(indexAt(Math.max(a, b)))
      }),
      { numRuns },
    )
  })

  it('count the true regime among the candidates, wherever between their bounds the switches really were', () => {
    fc.assert(
      fc.property(
        someBook,
        aStep,
        anInstant,
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (book, step, atMs, shares) => {
          const timeline = book.timelines[step]
          // One possible history: each switch somewhere between its bounds, none before the one it follows.
          let previousMs = Number.NEGATIVE_INFINITY
          const history = timeline.map(({ regime, earliestMs, latestMs }) => {
            const width = Math.min(latestMs, lastMs + 1) - earliestMs
            const share = shares.next().value ?? 0
            previousMs = Math.max(previousMs, earliestMs + Math.max(0, width) * share)
            return { regime, ms: previousMs, isPossible: previousMs <= latestMs }
          })
          fc.pre(history.every(({ isPossible }) => isPossible))
          const truth = history.findLast(({ ms }) => ms <= atMs)
          const { regimes } = findCandidates(book, step, atMs, undefined)
          if (truth !== undefined) expect(regimes).toContain(truth.regime)
        },
      ),
      { numRuns },
    )
  })

  it('have no doubt outside all bounds', () => {
    fc.assert(
      fc.property(someBook, aStep, anInstant, (book, step, atMs) => {
        const isInside = book.timelines[step].some(({ earliestMs, latestMs }) => earliestMs <= atMs && atMs < latestMs)
        const { regimes } = findCandidates(book, step, atMs, undefined)
        if (!isInside) expect(regimes).toHaveLength(1)
      }),
      { numRuns },
    )
  })
})
