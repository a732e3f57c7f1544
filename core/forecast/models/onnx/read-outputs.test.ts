import { describe, expect, it } from 'vitest'
import { tensor } from '#tests/support/fake-inference'
import { aManifest, harManifest, parseManifest, studentMixtureManifest } from '#tests/support/onnx-models'
import { outputTensors, readOutputs } from './read-outputs.ts'

const manifest = aManifest({ grid: { stepSeconds: 300, steps: 3 } })
const logs = [-12, -13, -14]
const logVariance = (value: (i: number) => number = (i) => logs[i]!) => tensor('log_variance', [1, 3], value)

function reasonOf(of: typeof manifest, ...tensors: ReturnType<typeof tensor>[]): string {
  const reading = readOutputs(of, tensors)
  return reading.ok ? 'read' : reading.reason
}

function withVariance(stepVariance: object) {
  return aManifest({ grid: { stepSeconds: 300, steps: 3 }, outputs: { stepVariance } })
}

describe('readOutputs', () => {
  it('makes a forecast of log-variances', () => {
    const reading = readOutputs(manifest, [logVariance()])
    if (!reading.ok) throw new Error(reading.reason)
    const [{ weight, process }] = reading.forecast
    expect(weight).toBe(1)
    expect([...process.stepVariances]).toEqual(logs.map((value) => Math.exp(value)))
    expect(process).toMatchObject({ stepSeconds: 300, tails: { kind: 'mixture' }, volatilityFactors: [] })
  })
  it.each([
    ['sd', 1e-4, 0, (2 * 1e-4) ** 2],
    ['variance', 1e-8, 0, 2e-8],
    ['logVariance', 1, -15, Math.exp(2 - 15)],
  ])('scales and shifts a %s first', (kind, scale, shift, variance) => {
    const reading = readOutputs(withVariance({ tensor: 'y', kind, scale, shift, mayBeFlat: true }), [
      tensor('y', [1, 3], () => 2),
    ])
    expect(reading.ok && reading.forecast[0].process.stepVariances[1]).toBeCloseTo(variance, 20)
  })
  it('reads parts, tails and factors from tensors', () => {
    const mixture = parseManifest({
      ...studentMixtureManifest,
      grid: { stepSeconds: 60, steps: 2 },
      outputs: {
        ...studentMixtureManifest.outputs,
        factors: [
          { logSd: { tensor: 'shape', index: 1 }, halfLifeSeconds: 'wholePath' },
          { logSd: 0.2, halfLifeSeconds: { tensor: 'half' }, startLogSd: 0 },
        ],
      },
    })
    expect(outputTensors(mixture)).toEqual(['sd_bps', 'weights', 'shape', 'half'])
    const reading = readOutputs(mixture, [
      tensor('sd_bps', [1, 2, 2], (i) => i + 1),
      tensor('weights', [1, 2], (i) => 1 + 2 * i),
      tensor('shape', [1, 2], (i) => (i === 0 ? 4 : 0.5)),
      tensor('half', [1], () => 600),
    ])
    if (!reading.ok) throw new Error(reading.reason)
    expect(reading.forecast.map((part) => part.weight)).toEqual([0.25, 0.75])
    expect([...reading.forecast[1]!.process.stepVariances].map((v) => Math.round(v * 1e8))).toEqual([9, 16])
    expect(reading.forecast[0].process).toMatchObject({
      tails: { kind: 'student', degreesOfFreedom: 4 },
      volatilityFactors: [
        { logSd: 0.5, halfLifeSeconds: Number.POSITIVE_INFINITY },
        { logSd: 0.2, halfLifeSeconds: 600, startLogSd: 0 },
      ],
    })
  })
})

describe('outputs that are no forecast', () => {
  it.each([
    ['NaN', Number.NaN, 'output log_variance is NaN at 1'],
    ['infinite', Number.POSITIVE_INFINITY, 'output log_variance is Infinity at 1'],
    ['enormous', 800, 'output log_variance gives a variance of Infinity at step 1'],
    ['nothing', -800, 'output log_variance gives a variance of 0 at step 1'],
  ])('%s is refused', (_, bad, reason) => {
    expect(
      reasonOf(
        manifest,
        logVariance((i) => (i === 1 ? bad : logs[i]!)),
      ),
    ).toBe(reason)
  })
  it.each([0, -1])('a deviation of %d is refused', (bad) => {
    const sd = withVariance({ tensor: 'y', kind: 'sd' })
    expect(
      reasonOf(
        sd,
        tensor('y', [1, 3], (i) => (i === 2 ? bad : 0.001)),
      ),
    ).toBe(`output y gives a deviation of ${bad} at step 2`)
  })
  it('the same number at every step is refused unless the manifest allows it', () => {
    const flat = logVariance(() => -12)
    expect(reasonOf(manifest, flat)).toBe('output log_variance is the same at all 3 steps')
    const { stepVariance } = harManifest.outputs
    expect(reasonOf(withVariance({ ...stepVariance, mayBeFlat: true }), flat)).toBe('read')
  })
  it('another shape, a missing tensor and a length that is not its shape are refused', () => {
    expect(
      reasonOf(
        manifest,
        tensor('log_variance', [3], () => 1),
      ),
    ).toBe('output log_variance has the shape [3], not [1,3]')
    expect(reasonOf(manifest)).toBe('output log_variance is missing')
    expect(reasonOf(manifest, { ...logVariance(), values: new Float32Array(2) })).toBe(
      'output log_variance has 2 values, not 3',
    )
  })
  it('a weight that is not positive is refused', () => {
    const mixture = parseManifest({ ...studentMixtureManifest, grid: { stepSeconds: 60, steps: 2 } })
    const sds = tensor('sd_bps', [1, 2, 2], (i) => i + 1)
    const shape = tensor('shape', [1, 2], () => 4)
    expect(
      reasonOf(
        mixture,
        sds,
        shape,
        tensor('weights', [1, 2], (i) => i),
      ),
    ).toBe('output weights gives a weight of 0')
    expect(
      reasonOf(
        mixture,
        sds,
        tensor('shape', [2, 1], () => 4),
        tensor('weights', [1, 2], () => 1),
      ),
    ).toBe('output shape has the shape [2,1], without an index 0')
  })
})
