import { describe, expect, it } from 'vitest'
import { type ColumnShape, columnShapes, makeColumn, toPaths } from '#tests/support/made-columns'
import { compileKernel, compilerVersion, hashSource } from '../../../../scripts/build-kernel.ts'
import { ensembleCrps } from '../crps.ts'
import { kernelCompilerVersion, kernelSourceSha256, kernelWasmBase64 } from './crps-kernel.generated.ts'
import { CrpsKernel } from './crps-kernel.ts'

const kernel = new CrpsKernel()
const counts = [1, 2, 3, 5, 6, 7, 8, 15, 16, 17, 64, 255, 1000, 1001]
const unsortable: ReadonlySet<ColumnShape> = new Set(
  columnShapes.filter((shape) => makeColumn(shape, 100, 1).some((x) => !Number.isFinite(x))),
)

describe('the committed kernel', () => {
  it('was built from the C source beside it', () => {
    expect(kernelSourceSha256, 'run: npm run kernel:build').toBe(hashSource())
  })

  it.skipIf(compilerVersion() !== kernelCompilerVersion)('comes out byte for byte when built again', () => {
    expect(compileKernel().toString('base64')).toBe(kernelWasmBase64)
  })
})

describe.each(counts)('with %i members', (count) => {
  it.each(columnShapes)('scores %s members with the bits of the reference', (shape) => {
    const columns = [makeColumn(shape, count, count), makeColumn('normal', count, count + 1)]
    kernel.load(toPaths(columns), 64, 0)
    const spread = columns[0]!.filter(Number.isFinite).sort()
    const observed = [
      ...[0, -0, 1e-3, -7.25, 1e308, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      ...[spread[0], spread[spread.length >> 1], spread[spread.length - 1]].map((x) => x ?? 1),
    ]
    // Terms alternate, so that every pairing of an awkward column with a plain one is walked.
    const terms = observed.flatMap((value) => [0, 1, 0].map((column) => ({ column, value })))
    const scores = kernel.scoreTerms({
      from: terms.map(() => -1),
      to: terms.map(({ column }) => column),
      observed: terms.map(({ value }) => value),
    })
    const expected = terms.map(({ column, value }) => ensembleCrps(columns[column]!.slice(), value))
    expect([...scores]).toEqual(expected)
  })

  it.each(columnShapes.filter((shape) => !unsortable.has(shape)))('sorts %s members', (shape) => {
    const columns = [makeColumn(shape, count, count + 2), makeColumn('fatTails', count, count + 3)]
    kernel.load(toPaths(columns), 1, 0)
    const [first, second] = kernel.sortPair(0, 1)
    // Zeros of either sign are equal to the walk; the language orders them.
    const plain = (x: number) => x + 0
    expect([...first].map(plain)).toEqual([...columns[0]!.sort()].map(plain))
    expect([...second]).toEqual([...columns[1]!.sort()])
  })
})

describe('CrpsKernel', () => {
  it.each(['normal', 'sorted'] as const)('scores more %s members than a bucket counter can count', (shape) => {
    const column = makeColumn(shape, 70_001, 5)
    kernel.load(toPaths([column]), 1, 0)
    expect(kernel.scoreTerms({ from: [-1], to: [0], observed: [1.5] })[0]).toBe(ensembleCrps(column, 1.5))
  })

  it('grows to the largest job and stays there', () => {
    const fresh = new CrpsKernel()
    fresh.load(toPaths([makeColumn('normal', 1000, 1)]), 10, 0)
    const small = fresh.memoryBytes
    const large = toPaths(Array.from({ length: 289 }, (_, i) => makeColumn('normal', 1000, i)))
    fresh.load(large, 345, 0)
    const grown = fresh.memoryBytes
    for (let i = 0; i < 50; i += 1) fresh.load(i % 2 === 0 ? large : toPaths([makeColumn('normal', 10, i)]), 345, 0)
    expect(small).toBeLessThan(1_000_000)
    expect(grown).toBeLessThan(4_000_000)
    expect(fresh.memoryBytes).toBe(grown)
  })

  it('finds a price of 0 at any position', () => {
    for (const [path, point] of [
      [0, 0],
      [16, 4],
      [9, 3],
      [8, 4],
    ] as const) {
      const paths = toPaths(Array.from({ length: 5 }, () => makeColumn('priceLevel', 17, 1)))
      expect(kernel.load(paths, 1, 0)).toBe('loaded')
      paths.values[path * 5 + point] = -0
      expect(kernel.load(paths, 1, 0)).toBe('zeroPrice')
    }
  })
})
