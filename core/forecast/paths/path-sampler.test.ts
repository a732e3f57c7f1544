import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ReferencePathMath } from '#tests/support/reference-path-math'
import { dayIntervals, hourIntervals } from '#tests/support/scoring-rules'
import { dayHorizon, type Horizon, hourHorizon, standInForecast } from '#tests/support/stand-in-forecast'
import { PathKernel } from './kernel/path-kernel.ts'
import { type PathRequest, PathSampler, type SampledPaths } from './path-sampler.ts'
import { type Forecast, meanStepVariances, type ProcessParameters, singlePart } from './process-parameters.ts'
import { sharePaths } from './simulate-increments.ts'
import { priceTextCapacity } from './write-prices.ts'

const kernel = new PathKernel()
const sampler = new PathSampler(kernel)
const independent = { kind: 'independent' } as const
const student = { kind: 'student', degreesOfFreedom: 4 } as const

function intervalsOf(horizon: Horizon) {
  return horizon === dayHorizon ? dayIntervals : hourIntervals
}

function request(horizon: Horizon, change: Partial<PathRequest> = {}): PathRequest {
  return {
    forecast: standInForecast(horizon),
    startPrice: 103_251.37,
    pathCount: 1000,
    seed: 2026n,
    arrangement: { kind: 'structured', intervals: intervalsOf(horizon) },
    ...change,
  }
}

/** Numbers that need no function of the language, whose last digit may differ from engine to engine. */
function plainForecast({ stepSeconds, stepCount }: Horizon, tails: 'normal' | 'student'): Forecast {
  return singlePart({
    stepSeconds,
    stepVariances: Float64Array.from({ length: stepCount }, (_, k) => 1e-6 * (1 + (k % 36) / 32)),
    volatilityFactors: standInForecast(dayHorizon)[0].process.volatilityFactors,
    tails: tails === 'normal' ? { kind: 'normal' } : student,
  })
}

/** The sampler's own view is overwritten by its next call. */
function sample(wanted: PathRequest, by = sampler): SampledPaths {
  const paths = by.sample(wanted)
  return { ...paths, values: paths.values.slice() }
}

function logReturns({ pathCount, pointCount, values }: SampledPaths, stride = 1): Float64Array[] {
  return Array.from({ length: Math.floor((pointCount - 1) / stride) }, (_, k) =>
    Float64Array.from({ length: pathCount }, (_, path) => {
      const at = path * pointCount + k * stride
      return Math.log(values[at + stride]! / values[at]!)
    }),
  )
}

function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i += 1) sum += values[i]!
  return sum / values.length
}

const meanSquare = (values: Float64Array) => mean(values.map((x) => x * x))

function hashOf({ values }: SampledPaths): string {
  return createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex')
}

function hashText(paths: SampledPaths, stepSeconds: number): string {
  const target = new Uint8Array(priceTextCapacity(paths))
  const written = kernel.writePrices(target, 0, { startAtSeconds: 1_790_000_040, stepSeconds, ...paths })
  return createHash('sha256')
    .update(target.subarray(0, written.ok ? written.end : 0))
    .digest('hex')
}

describe('repeats', () => {
  it.each([dayHorizon, hourHorizon])(
    'a request to the bit, whatever was asked in between ($stepCount steps)',
    (horizon) => {
      const first = sample(request(horizon))
      sample(request(hourHorizon, { seed: 1n, pathCount: 77, forecast: standInForecast(hourHorizon, student) }))
      expect(sample(request(horizon)).values).toEqual(first.values)
      expect(sample(request(horizon), new PathSampler(new PathKernel())).values).toEqual(first.values)
    },
  )

  it('with other numbers for every seed, its high word included', () => {
    const starts = [0n, 1n, 1n << 32n, (1n << 64n) - 1n].map((seed) => {
      return sample(request(hourHorizon, { seed, arrangement: independent }))
        .values.slice(0, 61)
        .join()
    })
    expect(new Set(starts).size).toBe(4)
  })

  // Made of additions, multiplications, divisions and square roots: the same on every machine. A change of these
  // hashes means that stored seeds no longer give the answers that were served.
  it.each([
    [
      '24h structured',
      dayHorizon,
      'normal',
      'structured',
      'af6aa029034d816e7a9b016530d8f09838b27bdc4c07304ddf5094b287c6c106',
    ],
    [
      '24h independent Student-t',
      dayHorizon,
      'student',
      'independent',
      '671e5de2726c7744516fd93120b6e67e96387bc6eafbe9e101f7d33b7515baa2',
    ],
    [
      '1h structured Student-t',
      hourHorizon,
      'student',
      'structured',
      'c362ec5a6e6b32fbe5e12e1a4ccfa7922e7cc0ef4b44a36d9b18d9f7990fdccc',
    ],
  ] as const)('the golden bytes of %s', (_, horizon, tails, kind, hash) => {
    const arrangement = { kind, intervals: intervalsOf(horizon) }
    const wanted = request(horizon, { forecast: plainForecast(horizon, tails), arrangement })
    expect(hashText(sample(wanted), horizon.stepSeconds)).toBe(hash)
  })

  it('with the bits of the readable arithmetic, blends included', () => {
    const process: ProcessParameters = standInForecast(hourHorizon)[0].process
    const forecast: Forecast = [
      { weight: 2, process },
      { weight: 1, process: { ...process, tails: student, volatilityFactors: [] } },
    ]
    const wanted = request(hourHorizon, { forecast, pathCount: 101 })
    const readable = new PathSampler(new ReferencePathMath()).sample(wanted)
    expect(hashOf(sample(wanted))).toBe(hashOf(readable))
  })
})

it('keeps an independent path when more paths are asked for', () => {
  const few = sample(request(hourHorizon, { pathCount: 50, arrangement: independent }))
  const many = sample(request(hourHorizon, { pathCount: 1000, arrangement: independent }))
  expect(many.values.slice(0, few.values.length)).toEqual(few.values)
})

describe.each([
  ['24h', dayHorizon, { kind: 'normal' }],
  ['24h Student-t', dayHorizon, student],
  ['1h', hourHorizon, { kind: 'normal' }],
  ['1h Student-t', hourHorizon, student],
] as const)('a structured ensemble of %s', (_, horizon, tails) => {
  const forecast = standInForecast(horizon, tails)
  const variances = meanStepVariances(forecast)
  const seeds = Array.from({ length: 8 }, (_, i) => BigInt(i))
  const ensembles = seeds.map((seed) => sample(request(horizon, { forecast, seed })))
  const arranged = ensembles.map((paths) => logReturns(paths))
  const drawn = seeds.map((seed) => logReturns(sample(request(horizon, { forecast, seed, arrangement: independent }))))

  it.each(intervalsOf(horizon).map(({ name, seconds }) => [name, seconds / horizon.stepSeconds] as const))(
    'has the variance of the forecast in every %s',
    (name, steps) => {
      const ratios = ensembles.flatMap((paths) => {
        const columns = logReturns(paths, steps).slice(0, name.endsWith('_gaps') ? 1 : undefined)
        return columns.map((column, i) => {
          const variance = variances.slice(i * steps, (i + 1) * steps).reduce((sum, x) => sum + x, 0)
          return meanSquare(column.map((x) => x + variance / 2)) / variance
        })
      })
      expect(Math.abs(mean(ratios) - 1)).toBeLessThan(0.005)
    },
  )

  it('has no drift: the mean price stays where it starts', () => {
    for (const { pathCount, pointCount, values } of ensembles) {
      for (const point of [1, Math.floor(pointCount / 3), pointCount - 1]) {
        const column = Float64Array.from(
          { length: pathCount },
          (_, path) => values[path * pointCount + point]! / 103_251.37,
        )
        const deviation = Math.sqrt(meanSquare(column.map((x) => x - 1)))
        expect(Math.abs(mean(column) - 1)).toBeLessThan(0.006 * deviation)
      }
    }
  })

  it('leaves steps uncorrelated', () => {
    const correlations = arranged.flatMap((columns) => {
      return columns.slice(1).map((column, k) => {
        const product = mean(column.map((x, path) => x * columns[k]![path]!))
        return product / Math.sqrt(variances[k]! * variances[k + 1]!)
      })
    })
    expect(Math.abs(mean(correlations))).toBeLessThan(0.008)
  })

  it('leaves to volatility its spread between paths and its memory within them', () => {
    for (const steps of [5, 15, 60]) {
      const spreadOf = (list: readonly Float64Array[][]) => {
        const logs = list.flatMap((columns) => blockLogVolatilities(columns.slice(0, steps), variances))
        const centre = mean(logs)
        return Math.sqrt(mean(logs.map((x) => (x - centre) ** 2)))
      }
      expect(Math.abs(spreadOf(arranged) / spreadOf(drawn) - 1)).toBeLessThan(0.02)
    }
  })

  it('makes no absurd step: none much larger than the forecast has in as many', () => {
    const largest = (columns: readonly Float64Array[]) =>
      Math.max(...columns.map((column, k) => Math.max(...column.map(Math.abs)) / Math.sqrt(variances[k]!)))
    expect(Math.max(...arranged.map(largest))).toBeLessThan(1.25 * Math.max(...drawn.map(largest)))
  })
})

/** Log of the root mean square of each path's steps, relative to the curve. */
function blockLogVolatilities(columns: readonly Float64Array[], variances: Float64Array): number[] {
  return Array.from(columns[0]!, (_, path) => {
    const squares = columns.map((column, k) => column[path]! ** 2 / variances[k]!)
    return Math.log(mean(squares)) / 2
  })
}

describe('a blend', () => {
  const calm = singlePart({ ...standInForecast(hourHorizon)[0].process, volatilityFactors: [] })[0].process
  const wild = { ...calm, stepVariances: calm.stepVariances.map((variance) => 25 * variance) }

  it('gives each part its share of the paths', () => {
    const forecast: Forecast = [
      { weight: 0.5, process: calm },
      { weight: 0.25, process: wild },
      { weight: 0.25, process: calm },
    ]
    expect(sharePaths(forecast, 1000)).toEqual([500, 250, 250])
    expect(sharePaths(forecast, 5)).toEqual([3, 1, 1])
    expect(sharePaths(forecast, 1)).toEqual([1, 0, 0])
  })

  it('keeps the parts apart and has the mean of their variances', () => {
    const forecast: Forecast = [
      { weight: 3, process: calm },
      { weight: 1, process: wild },
    ]
    const columns = logReturns(sample(request(hourHorizon, { forecast })))
    const share = (from: number, to: number) =>
      mean(columns.map((c, k) => meanSquare(c.slice(from, to)) / calm.stepVariances[k]!))
    expect(share(0, 1000)).toBeCloseTo((3 + 25) / 4, 1)
    expect(Math.abs(share(0, 750) - 1)).toBeLessThan(0.1)
    expect(Math.abs(share(750, 1000) / 25 - 1)).toBeLessThan(0.03)
  })

  it('allows a part without movement while another moves', () => {
    const still = { ...calm, stepVariances: calm.stepVariances.map((variance, k) => (k < 30 ? 0 : variance)) }
    const forecast: Forecast = [
      { weight: 1, process: still },
      { weight: 1, process: calm },
    ]
    const columns = logReturns(sample(request(hourHorizon, { forecast })))
    const deviation = Math.sqrt(calm.stepVariances[0]!)
    for (const column of columns.slice(0, 30)) {
      expect(Math.sqrt(meanSquare(column.slice(0, 500)))).toBeLessThan(0.05 * deviation)
    }
  })
})

it('stays at the start price where there is no variance', () => {
  const process = { ...standInForecast(hourHorizon)[0].process, stepVariances: new Float64Array(60) }
  const { values } = sample(request(hourHorizon, { forecast: singlePart(process) }))
  expect(new Set(values)).toEqual(new Set([103_251.37]))
})

it('keeps the first path flat on request, and only that', () => {
  const { values, pointCount } = sample(request(hourHorizon, { flatFirstPath: true }))
  expect(new Set(values.slice(0, pointCount))).toEqual(new Set([103_251.37]))
  expect(values.slice(pointCount)).toEqual(sample(request(hourHorizon)).values.slice(pointCount))
})

it.each([1e-6, 0.00012345, 0.5, 1, 9.9999999, 1234.5, 9_999_999.9, 1e7])(
  'starts at %d and can be written',
  (startPrice) => {
    const paths = sample(request(dayHorizon, { startPrice }))
    const target = new Uint8Array(priceTextCapacity(paths))
    const written = kernel.writePrices(target, 0, { startAtSeconds: 1, stepSeconds: 300, ...paths })
    expect(written.ok).toBe(true)
    const [, , ...rows] = JSON.parse(new TextDecoder().decode(target.subarray(0, written.ok ? written.end : 0)))
    expect(rows).toHaveLength(1000)
    // What is written is where the path starts, and the start is as near to the price as eight digits allow.
    expect(new Set(rows.map((row: number[]) => row[0]))).toEqual(new Set([paths.values[0]]))
    expect(Math.abs(paths.values[0]! - startPrice)).toBeLessThanOrEqual(Math.max(5.0000001e-8, startPrice * 5e-8))
  },
)

it.each([0, -5, Number.NaN, 9e-7, 1.1e7, Number.POSITIVE_INFINITY])('refuses to start at %d', (startPrice) => {
  expect(() => sampler.sample(request(hourHorizon, { startPrice }))).toThrow(/Paths start from 0.000001 to 10000000/)
})

it.each([0, -1, 2.5, 65_536, 1e12, Number.NaN])('refuses %d paths before it takes memory', (pathCount) => {
  const before = kernel.memoryBytes
  expect(() => sampler.sample(request(hourHorizon, { pathCount }))).toThrow(RangeError)
  expect(kernel.memoryBytes).toBe(before)
})

it.each([1, 2, 15, 16, 17, 50])('answers a prompt for %i paths', (pathCount) => {
  const { values } = sample(request(hourHorizon, { pathCount }))
  expect(values).toHaveLength(61 * pathCount)
  expect(values.every((price) => price > 50_000 && price < 200_000)).toBe(true)
})
