/**
 * ./own holds a few cases of our own making, so that the scoring is compared to the last bit in a clone without the
 * shared vectors. Their numbers are what the port gave when all vectors of the validator were equal. Here they are
 * held against the formula written out, which needs no vector.
 */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { caseList, compareCases, defineSuite, expectedError } from './vectors/suite.ts'
import { findVectorFiles } from './vectors/vector-files.ts'

interface Case {
  readonly id: string
  readonly time_increment: number
  readonly scoring_intervals: Readonly<Record<string, number>>
  readonly paths: number[][]
  readonly real: (number | null)[]
  readonly expected: { score?: number; error?: string }
}

const file = findVectorFiles(join(import.meta.dirname, 'own'))?.find(({ name }) => name === 'crps-raw.json')
const { cases } = file!.read() as { cases: Case[] }
const scored = cases.filter(({ expected }) => (expected.score ?? -1) >= 0)

/** mean |x - y| - half the mean |x - x'|, over all changes of all intervals. */
function plainScore({ paths, real, time_increment, scoring_intervals }: Case): number {
  let total = 0
  for (const [name, seconds] of Object.entries(scoring_intervals)) {
    const steps = seconds / time_increment
    const isAbsolute = name.endsWith('_abs')
    const valuesOf = (path: (number | null)[]): number[] => {
      const points = path.filter((_, i) => i % steps === 0).map((price) => price ?? Number.NaN)
      const after = points.slice(1)
      return isAbsolute ? after : after.map((price, i) => ((price - points[i]!) / points[i]!) * 1e4)
    }
    const truth = valuesOf(real)
    const ensemble = paths.map(valuesOf)
    const scale = isAbsolute ? 1e4 / real.at(-1)! : 1
    for (const [k, y] of truth.entries()) {
      if (Number.isNaN(y)) continue
      const members = ensemble.map((values) => values[k]!)
      const mean = (list: number[]) => list.reduce((sum, value) => sum + value, 0) / list.length
      const away = mean(members.map((x) => Math.abs(x - y)))
      const apart = mean(members.flatMap((x) => members.map((other) => Math.abs(x - other))))
      total += scale * (away - apart / 2)
    }
  }
  return total
}

it.each(scored)('$id: the number in the file is that of the formula', (item) => {
  expect(item.expected.score).toBeCloseTo(plainScore(item), 9)
})

const suite = defineSuite(
  z.strictObject({
    cases: caseList(
      z.strictObject({ id: z.string(), value: z.number(), expected: z.union([z.number(), expectedError]) }),
    ),
  }),
  (document) => ({
    cases: compareCases(
      document.cases,
      ({ id }) => id,
      ({ value, expected }) => {
        if (value < 0) throw new RangeError('below 0')
        return Object.is(Math.sqrt(value), expected) ? null : `${Math.sqrt(value)}`
      },
    ),
  }),
)
const differenceOf = (item: object) => suite({ cases: [{ id: 'a', ...item }] })[0]?.results[0]?.difference

it('takes {error} as an expectation in every section, and a member that is no number as refused', () => {
  expect(differenceOf({ value: 4, expected: 2 })).toBeNull()
  expect(differenceOf({ value: -4, expected: { error: 'ValueError' } })).toBeNull()
  expect(differenceOf({ value: 'four', expected: { error: 'TypeError' } })).toBeNull()
})

it('still finds a value where an error was expected, an error where a value was, and a key that is unknown', () => {
  expect(differenceOf({ value: 4, expected: { error: 'ValueError' } })).toBe('2')
  expect(differenceOf({ value: -4, expected: 2 })).toBe('raised below 0')
  expect(differenceOf({ value: 'four', expected: 2 })).toMatch(/known schema/)
  expect(differenceOf({ expected: { error: 'TypeError' } })).toMatch(/known schema/)
  expect(differenceOf({ value: 4, more: 1, expected: { error: 'TypeError' } })).toMatch(/known schema/)
})
