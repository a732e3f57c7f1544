import { expect, it } from 'vitest'
import { SplitMix64 } from './rng.ts'
import { Sfc32 } from './sfc32.ts'

const count = 200_000
const aGenerator = (label = 'x') => new Sfc32(new SplitMix64(1n).fork(label))

function moments(draw: () => number) {
  const values = Array.from({ length: count }, draw)
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count
  const fourth = values.reduce((sum, value) => sum + (value - mean) ** 4, 0) / count
  return { mean, variance, kurtosis: fourth / variance ** 2 }
}

it('repeats itself for the same seed only', () => {
  const draw = (generator: Sfc32) => Array.from({ length: 5 }, () => generator.nextUint32())
  expect(draw(aGenerator())).toEqual(draw(aGenerator()))
  expect(draw(aGenerator())).not.toEqual(draw(aGenerator('y')))
})
it('has the moments of its distributions', () => {
  const generator = aGenerator()
  const uniform = moments(() => generator.uniform())
  expect(uniform.mean).toBeCloseTo(0.5, 2)
  expect(uniform.variance).toBeCloseTo(1 / 12, 2)
  const normal = moments(() => generator.normal())
  expect(normal.mean).toBeCloseTo(0, 1)
  expect(normal.variance).toBeCloseTo(1, 1)
  expect(Math.abs(normal.kurtosis - 3)).toBeLessThan(0.1)
  const laplace = moments(() => generator.laplace())
  expect(laplace.mean).toBeCloseTo(0, 1)
  expect(laplace.variance).toBeCloseTo(1, 1)
  expect(Math.abs(laplace.kurtosis - 6)).toBeLessThan(0.5)
})
