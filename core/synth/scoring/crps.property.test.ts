import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makePaths, makeRealPath, mapPaths } from '#tests/support/made-paths'
import { dayIntervals, hourIntervals } from '#tests/support/scoring-rules'
import { ensembleCrps, type PathMatrix, type ScoreOptions, scoreAnswer } from './crps.ts'

const hour: ScoreOptions = {
  stepSeconds: 60,
  intervals: hourIntervals,
  gapMode: 'firstChange',
  detail: 'increments',
}
const absoluteOnly: ScoreOptions = { ...hour, intervals: [{ name: '10min_abs', seconds: 600 }] }
const seed = fc.integer({ min: 0, max: 2 ** 31 })
const value = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const members = fc.array(value, { minLength: 1, maxLength: 40 })
const pathCount = fc.integer({ min: 1, max: 30 })

const crps = (ensemble: readonly number[], observed: number) => ensembleCrps(Float64Array.from(ensemble), observed)

/** mean |x - y| - half the mean |x - x'|: what the walk computes, but not in its bits. */
function closedForm(ensemble: readonly number[], observed: number): number {
  const n = ensemble.length
  let distance = 0
  let spread = 0
  for (const a of ensemble) {
    distance += Math.abs(a - observed)
    for (const b of ensemble) spread += Math.abs(a - b)
  }
  return distance / n - spread / (2 * n * n)
}

function scale(ensemble: readonly number[], observed: number): number {
  return 1 + Math.max(Math.abs(observed), ...ensemble.map(Math.abs))
}

describe('ensembleCrps', () => {
  it('is mean distance to the truth less half the mean distance between members', () => {
    fc.assert(
      fc.property(members, value, (ensemble, observed) => {
        const difference = crps(ensemble, observed) - closedForm(ensemble, observed)
        expect(Math.abs(difference)).toBeLessThan(1e-12 * scale(ensemble, observed))
      }),
    )
  })

  it('is never negative, and 0 for an ensemble that sits on the truth', () => {
    fc.assert(
      fc.property(members, value, (ensemble, observed) => {
        expect(crps(ensemble, observed)).toBeGreaterThanOrEqual(0)
        expect(
          crps(
            ensemble.map(() => observed),
            observed,
          ),
        ).toBe(0)
      }),
    )
  })

  it('does not care about the order of the members, to the bit', () => {
    fc.assert(
      fc.property(members, value, seed, (ensemble, observed, by) => {
        const turned = [...ensemble.slice(by % ensemble.length), ...ensemble.slice(0, by % ensemble.length)].reverse()
        expect(crps(turned, observed)).toBe(crps(ensemble, observed))
      }),
    )
  })

  it('equals the smaller ensemble when members are missing', () => {
    fc.assert(
      fc.property(members, fc.array(fc.nat(), { maxLength: 10 }), value, (ensemble, holes, observed) => {
        const withHoles: number[] = [...ensemble]
        for (const hole of holes) withHoles.splice(hole % (withHoles.length + 1), 0, Number.NaN)
        expect(crps(withHoles, observed)).toBe(crps(ensemble, observed))
      }),
    )
  })

  it('grows by what the formula says when a constant member joins', () => {
    fc.assert(
      fc.property(members, value, value, (ensemble, joining, observed) => {
        const n = ensemble.length
        const distances = ensemble.reduce((sum, x) => sum + Math.abs(x - observed), 0) + Math.abs(joining - observed)
        let spread = 0
        for (const a of ensemble) {
          spread += 2 * Math.abs(a - joining)
          for (const b of ensemble) spread += Math.abs(a - b)
        }
        const expected = distances / (n + 1) - spread / (2 * (n + 1) * (n + 1))
        const tolerance = 1e-12 * scale([...ensemble, joining], observed)
        expect(Math.abs(crps([...ensemble, joining], observed) - expected)).toBeLessThan(tolerance)
      }),
    )
  })

  it('moves with the truth: both shifted by a whole number, whole members, the bits stay', () => {
    const whole = fc.integer({ min: -1e6, max: 1e6 })
    fc.assert(
      fc.property(fc.array(whole, { minLength: 1, maxLength: 40 }), whole, whole, (ensemble, observed, shift) => {
        const moved = ensemble.map((x) => x + shift)
        expect(crps(moved, observed + shift)).toBe(crps(ensemble, observed))
      }),
    )
  })

  it('is the same seen in a mirror, up to rounding', () => {
    fc.assert(
      fc.property(members, value, (ensemble, observed) => {
        const mirrored = crps(
          ensemble.map((x) => -x),
          -observed,
        )
        expect(Math.abs(mirrored - crps(ensemble, observed))).toBeLessThan(1e-12 * scale(ensemble, observed))
      }),
    )
  })
})

describe('scoreAnswer', () => {
  const example = (count: number, from: number): { paths: PathMatrix; real: Float64Array } => ({
    paths: makePaths({ pathCount: count, pointCount: 61, seed: from }),
    real: makeRealPath({ pointCount: 61, seed: from }),
  })

  it('keeps its bits when all prices are scaled by a power of two', () => {
    fc.assert(
      fc.property(pathCount, seed, fc.integer({ min: -40, max: 40 }), (count, from, exponent) => {
        const { paths, real } = example(count, from)
        const factor = 2 ** exponent
        const scaled = scoreAnswer(
          mapPaths(paths, (x) => x * factor),
          real.map((x) => x * factor),
          hour,
        )
        expect(scaled).toStrictEqual(scoreAnswer(paths, real, hour))
      }),
      { numRuns: 40 },
    )
  })

  it('is the same at any price level, up to rounding', () => {
    fc.assert(
      fc.property(pathCount, seed, fc.double({ min: 1e-4, max: 1e4, noNaN: true }), (count, from, factor) => {
        const { paths, real } = example(count, from)
        const scaled = scoreAnswer(
          mapPaths(paths, (x) => x * factor),
          real.map((x) => x * factor),
          hour,
        ).score
        const plain = scoreAnswer(paths, real, hour).score
        expect(Math.abs(scaled - plain) / plain).toBeLessThan(1e-8)
      }),
      { numRuns: 40 },
    )
  })

  it('keeps absolute terms, in price units, when truth and paths move together', () => {
    fc.assert(
      fc.property(pathCount, seed, fc.integer({ min: 1, max: 1000 }), (count, from, shift) => {
        const { paths, real } = example(count, from)
        const inPrice = (shiftBy: number) => {
          const moved = real.map((x) => x + shiftBy)
          const { score } = scoreAnswer(
            mapPaths(paths, (x) => x + shiftBy),
            moved,
            absoluteOnly,
          )
          return score * moved[60]!
        }
        expect(Math.abs(inPrice(shift) / inPrice(0) - 1)).toBeLessThan(1e-9)
      }),
      { numRuns: 40 },
    )
  })

  it('keeps its bits when paths change places', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), seed, fc.nat(), (count, from, by) => {
        const { paths, real } = example(count, from)
        const values = new Float64Array(paths.values.length)
        for (let path = 0; path < count; path += 1) {
          const source = (count - 1 - path + by) % count
          values.set(paths.values.subarray(source * 61, source * 61 + 61), path * 61)
        }
        expect(scoreAnswer({ ...paths, values }, real, hour)).toStrictEqual(scoreAnswer(paths, real, hour))
      }),
      { numRuns: 40 },
    )
  })

  it('is never negative and adds up from its rows', () => {
    fc.assert(
      fc.property(pathCount, seed, fc.array(fc.nat({ max: 60 }), { maxLength: 20 }), (count, from, missing) => {
        const { paths, real } = example(count, from)
        for (const point of missing) real[point] = Number.NaN
        const { score, details } = scoreAnswer(paths, real, { ...hour, intervals: hourIntervals.slice(0, 5) })
        const totals = details.filter(([name, increment]) => increment === 'Total' && name !== 'Overall')
        expect(totals.reduce((sum, [, , crpsOfRow]) => sum + crpsOfRow, 0)).toBe(score)
        for (const [, , crpsOfRow] of details) expect(crpsOfRow).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 40 },
    )
  })

  it('scores less when fewer real prices were seen', () => {
    fc.assert(
      fc.property(pathCount, seed, fc.integer({ min: 1, max: 59 }), (count, from, point) => {
        const { paths, real } = example(count, from)
        const seen = scoreAnswer(paths, real, hour).score
        real[point] = Number.NaN
        expect(scoreAnswer(paths, real, hour).score).toBeLessThan(seen)
      }),
      { numRuns: 40 },
    )
  })

  it('counts 345 terms in a full day and 121 in a full hour', () => {
    const day = { ...hour, stepSeconds: 300, intervals: dayIntervals }
    const terms = (options: ScoreOptions, pointCount: number) =>
      scoreAnswer(
        makePaths({ pathCount: 2, pointCount, seed: 1 }),
        makeRealPath({ pointCount, seed: 1 }),
        options,
      ).details.filter(([, increment]) => increment !== 'Total').length
    expect(terms(day, 289)).toBe(345)
    expect(terms(hour, 61)).toBe(121)
  })
})
