import { expect, it } from 'vitest'
import { drawCoverage } from './coverage-picture.ts'

const slots = (...parts: [number, number][]) =>
  Float64Array.from(parts.flatMap(([count, value]) => Array.from({ length: count }, () => value)))

it('draws what is known, gaps as well as closes, a cell to a stretch', () => {
  expect(drawCoverage(slots([100, 0], [100, 1], [50, Number.NaN], [50, 1], [75, 0], [25, 1]), 4)).toBe('·██▃')
})
it('calls full only a complete series and empty only one without minutes', () => {
  expect(drawCoverage(slots([1, 0], [999, 1], [999, 0], [1, 1]), 2)).toBe('▇▁')
})
it('has a cell for every minute of a short range, and none for an empty one', () => {
  expect(drawCoverage(slots([1, 0], [2, 1]), 60)).toBe('·██')
  expect(drawCoverage(new Float64Array(0), 60)).toBe('')
})
