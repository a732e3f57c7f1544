import { describe, expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { ReferencePathMath } from '#tests/support/reference-path-math'
import { compileKernel, compilerVersion, hashSource, pathKernel } from '../../../../scripts/build-kernel.ts'
import { Arena, columnStride } from '../arena.ts'
import { makeQuantileTable } from '../distributions/quantile-table.ts'
import { normalStrata } from '../distributions/strata.ts'
import { lawOf } from '../distributions/symmetric-law.ts'
import type { PathMath } from '../path-math.ts'
import { kernelCompilerVersion, kernelSourceSha256, kernelWasmBase64 } from './path-kernel.generated.ts'
import { PathKernel } from './path-kernel.ts'

const kernel = new PathKernel()
const reference = new ReferencePathMath()
const counts = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 64, 999, 1000, 1001]
const table = makeQuantileTable(lawOf({ kind: 'student', degreesOfFreedom: 4 }))
const normalTable = makeQuantileTable(lawOf({ kind: 'normal' }))

function normals(count: number, seed: number): Float64Array {
  const out = new Float64Array(count)
  reference.drawQuantiles(out, normalTable, { seed: [seed, 0, 0, 0], stream: 0, step: 0 })
  return out
}

/** Runs the same job on both and compares every bit of every array. */
function expectSameBits(
  inputs: readonly Float64Array[],
  job: (math: PathMath, arrays: Float64Array[]) => unknown,
): void {
  const [own, plain] = [kernel, reference].map((math) => {
    const arena = new Arena(math.reserve(inputs.reduce((sum, input) => sum + input.length + 8, 0)))
    const arrays = inputs.map((input) => {
      const copy = arena.take(input.length)
      copy.set(input)
      return copy
    })
    const answer = job(math, arrays)
    return [...arrays.map((array) => [...array]), answer]
  })
  // Object.is on every number: 0 and -0 differ, NaN equals itself.
  expect(own).toEqual(plain)
}

describe('the committed kernel', () => {
  it('was built from the C source beside it', () => {
    expect(kernelSourceSha256, 'run: npm run kernel:build').toBe(hashSource(pathKernel))
  })

  it.skipIf(compilerVersion() !== kernelCompilerVersion)('comes out byte for byte when built again', () => {
    expect(compileKernel(pathKernel).toString('base64')).toBe(kernelWasmBase64)
  })
})

describe.each(counts)('on columns of %i it has the bits of the reference when it', (count) => {
  const a = normals(count, 1)
  const b = normals(count, 2)

  it('draws', () => {
    for (const seed of [0, 1, 0xffffffff]) {
      expectSameBits([new Float64Array(count), table], (math, [out, quantiles]) =>
        math.drawQuantiles(out!, quantiles!, { seed: [seed, 7, 8, 9], stream: 3, step: 287 }),
      )
    }
  })

  it('adds, multiplies and decays', () => {
    expectSameBits([a, b], (math, [out, values]) => math.addScaled(out!, -0.37, values!))
    expectSameBits([a, b], (math, [out, values]) => math.multiply(out!, 1e-3, values!))
    expectSameBits([a, b], (math, [out, values]) => math.decay(out!, 0.97, 0.11, values!))
    expectSameBits([a], (math, [values]) => math.sum(values!))
  })

  it('takes exponentials and logarithms', () => {
    for (const scale of [1, 20, 400, 1e6]) {
      const logs = b.map((x) => x * scale)
      expectSameBits([a, logs], (math, [out, values]) => math.multiplyExponentials(out!, 1.5e-3, values!))
      const positive = b.map((x) => Math.exp(Math.min(x * scale, 600)))
      expectSameBits([a, positive], (math, [out, values]) => math.halfLogs(out!, 0.7, values!))
    }
    const awkward = Float64Array.from({ length: count }, (_, i) => [0, 5e-324, 1, 1e300, 2.3e-308][i % 5]!)
    expectSameBits([a, awkward], (math, [out, values]) => math.halfLogs(out!, 1, values!))
  })

  it('counts a histogram', () => {
    expectSameBits([new Float64Array(100).fill(0.25), a], (math, [histogram, values]) =>
      math.addHistogram(histogram!, values!, 20, 50, 0.001),
    )
  })

  it('matches ranks, equal and outlying sums included', () => {
    const targets = normalStrata(count)
    const same = new Float64Array(count).fill(0.3)
    const outlying = a.map((x, i) => (i % 5 === 0 ? x * 1e9 : x))
    for (const sums of [a, same, outlying, a.map(() => 0)]) {
      for (const scale of [1, 1e-3, 1e3]) {
        expectSameBits([b, sums, targets], (math, [out, own, ranks]) => math.matchRanks(out!, own!, ranks!, scale))
      }
    }
  })

  it('compounds', () => {
    const shape = { pathCount: count, stepCount: 5, columnStride: columnStride(count) }
    const returns = normals(shape.columnStride * 5, 3).map((x) => x * 0.01)
    const prices = new Float64Array(count * 6)
    expectSameBits([prices, returns, normals(5, 4)], (math, [out, columns, shifts]) =>
      math.compound(out!, columns!, shifts!, shape, 103_251.37),
    )
  })
})

it.each([4, 8, 1024, 4096])('shuffles %i strata like the reference, each exactly once', (count) => {
  const strata = Float64Array.from({ length: count }, (_, i) => i)
  const rng = new SplitMix64(9n)
  for (let i = 0; i < 20; i += 1) {
    const word = () => Math.floor(rng.next() * 2 ** 32)
    const mixers = [word(), word(), word(), word()] as const
    expectSameBits([new Float64Array(count), strata], (math, [out, values]) => {
      math.shuffleStrata(out!, values!, mixers)
      expect(out!.slice().sort()).toEqual(strata)
    })
  }
})

it('gives every quantile its rank', () => {
  const targets = normalStrata(1000)
  const sums = normals(1000, 5)
  const space = new Arena(kernel.reserve(4000))
  const [out, own, ranks] = [space.take(1000), space.take(1000), space.take(1000)]
  own.set(sums)
  ranks.set(targets)
  kernel.matchRanks(out, own, ranks, 2)
  const moved = sums.map((sum, i) => sum + out[i]!).sort()
  for (let i = 0; i < 1000; i += 1) expect(moved[i]).toBeCloseTo(2 * targets[i]!, 12)
})

it('refuses more paths than it can number', () => {
  const long = new Float64Array(65_536)
  expect(() => kernel.matchRanks(long, long, long, 1)).toThrow(/65536 paths/)
})
