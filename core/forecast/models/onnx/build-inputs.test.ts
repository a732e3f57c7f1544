import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { madeCandles } from '#tests/support/features/made-candles'
import { aManifest, harManifest, madeMinutes, parseManifest, studentMixtureManifest } from '#tests/support/onnx-models'
import { buildInputs, type InputQuestion } from './build-inputs.ts'
import type { NamedTensor } from './inference-runtime.ts'
import { minutesNeeded } from './manifest.ts'
import type { MinuteWindow } from './recent-closes.ts'

/** A Wednesday, 08:00 in New York. */
const startAtMs = Date.UTC(2026, 8, 23, 12)
const question: InputQuestion = { asset: 'BTC', startAtMs }

function manifestWith(features: object[], input: object = {}, rest: object = {}) {
  const past = { tensor: 'x', kind: 'past', stepSeconds: 300, rows: 2, features, ...input }
  return aManifest({ inputs: [past], ...rest })
}

function windowOf(closes: number[], ageMs = 0): MinuteWindow {
  return { closes: Float64Array.from(closes), endsAtMs: startAtMs - ageMs }
}

function build(manifest: ReturnType<typeof aManifest>, window: MinuteWindow, asked = question): readonly NamedTensor[] {
  const answer = buildInputs(manifest, asked, window)
  if (!answer.ok) throw new Error(answer.reason)
  return answer.tensors
}

function reasonOf(manifest: ReturnType<typeof aManifest>, window: MinuteWindow, asked = question): string {
  const answer = buildInputs(manifest, asked, window)
  return answer.ok ? 'built' : answer.reason
}

const near = (values: NamedTensor['values'] | undefined, wanted: number[]) => {
  expect(values).toHaveLength(wanted.length)
  for (const [i, value] of wanted.entries()) expect(values?.[i]).toBeCloseTo(value, 6)
}

describe('features of the past', () => {
  const closes = [100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110]
  it('are rows of steps that end with the last close, oldest first', () => {
    const [x] = build(manifestWith([{ kind: 'logReturn' }, { kind: 'logPriceToLast' }]), windowOf(closes))
    expect(x?.dims).toEqual([1, 2, 2])
    near(x?.values, [Math.log(105 / 100), Math.log(105 / 110), Math.log(110 / 105), 0])
  })
  it('take absolute values, subtract the mean, divide by the deviation, then clip', () => {
    const falling = [...closes].reverse()
    const feature = { kind: 'absLogReturn', mean: 0.04, sd: 0.01, clip: 0.8 }
    const [x] = build(manifestWith([feature]), windowOf(falling))
    near(x?.values, [(Math.log(110 / 105) - 0.04) / 0.01, 0.8])
  })
  it('average squared one-minute moves over their own minutes', () => {
    const [x] = build(manifestWith([{ kind: 'logRealizedVariance', minutes: 2 }]), windowOf(closes))
    const variance = (i: number) =>
      Math.log((Math.log(closes[i]! / closes[i - 1]!) ** 2 + Math.log(closes[i - 1]! / closes[i - 2]!) ** 2) / 2)
    near(x?.values, [variance(5), variance(10)])
  })
  it('make nothing of moves across a hole, and carry the price over it', () => {
    const holed = [100, 101, 102, Number.NaN, Number.NaN, Number.NaN, 106, 107, 108, 109, 110]
    const manifest = manifestWith([
      { kind: 'logReturn' },
      { kind: 'logRealizedVariance', minutes: 5 },
      { kind: 'knownShare' },
    ])
    const [x] = build({ ...manifest, window: { ...manifest.window, largestUnknownShare: 0.5 } }, windowOf(holed))
    const squares = (pairs: [number, number][]) =>
      Math.log(pairs.reduce((sum, [a, b]) => sum + Math.log(b / a) ** 2, 0) / pairs.length)
    near(x?.values, [
      Math.log(102 / 100),
      squares([
        [100, 101],
        [101, 102],
      ]),
      0.4,
      Math.log(110 / 102),
      squares([
        [106, 107],
        [107, 108],
        [108, 109],
        [109, 110],
      ]),
      1,
    ])
  })
  it('have a floor where nothing moves', () => {
    const still = closes.map(() => 100)
    const [x] = build(manifestWith([{ kind: 'logRealizedVariance', minutes: 5 }]), windowOf(still))
    near(x?.values, [Math.log(1e-11), Math.log(1e-11)])
  })
  it('depend on no minute outside the window: earlier and later ones change no bit', () => {
    const manifest = aManifest()
    const needed = minutesNeeded(manifest)
    const long = madeMinutes(startAtMs, needed + 500)
    const spoilt = long.closes.map((close, i) => (i < 500 ? 5 * close : close))
    expect(needed).toBe(11 * 5 + 1440 + 1)
    expect(build(manifest, { ...long, closes: spoilt })).toEqual(
      build(manifest, { ...long, closes: long.closes.subarray(500) }),
    )
    const other = { ...question, startAtMs: startAtMs + 600_000 }
    expect(build(manifest, long, other)).toEqual(build(manifest, long))
  })
})

describe('features of time', () => {
  it('are taken in the middle of each step, on the clock that is asked for', () => {
    const ahead = { tensor: 't', kind: 'ahead', features: [{ kind: 'daySin' }, { kind: 'dayCos', clock: 'utc' }] }
    const manifest = aManifest({ inputs: [ahead], grid: { stepSeconds: 3600, steps: 2 } })
    const [t] = build(manifest, windowOf([1]))
    const angle = (hours: number) => (2 * Math.PI * hours) / 24
    expect(t?.dims).toEqual([1, 2, 2])
    near(t?.values, [Math.sin(angle(8.5)), Math.cos(angle(12.5)), Math.sin(angle(9.5)), Math.cos(angle(13.5))])
  })
  it('begin the week on Monday', () => {
    const features = [
      { kind: 'isWeekend', clock: 'utc' },
      { kind: 'weekSin', clock: 'utc' },
    ]
    const manifest = aManifest({
      inputs: [{ tensor: 't', kind: 'ahead', features }],
      grid: { stepSeconds: 86_400, steps: 5 },
    })
    const midnight = { asset: 'BTC', startAtMs: startAtMs - 43_200_000 }
    const [t] = build(manifest, windowOf([1], 43_200_000), midnight)
    const weekSin = (day: number) => Math.sin((2 * Math.PI * (day + 0.5)) / 7)
    near(t?.values, [0, weekSin(2), 0, weekSin(3), 0, weekSin(4), 1, weekSin(5), 1, weekSin(6)])
  })
})

describe('what is not known', () => {
  const closes = Array.from({ length: 11 }, (_, i) => 100 + i)
  const candles = (volume: number[]) => {
    const made = Float64Array.from(closes)
    return { open: made, high: made, low: made, volume: Float64Array.from(volume) }
  }
  const manifest = (largestUnknownShare: number) =>
    manifestWith([{ kind: 'bar', value: 'volume', mean: 7, sd: 2 }], {}, { window: { largestUnknownShare } })
  const half = [...Array.from({ length: 6 }, () => Number.NaN), 1, 2, 3, 4, 5]
  it('gets the mean', () => {
    const [x] = build(manifest(0.5), { ...windowOf(closes), candles: candles(half) })
    near(x?.values, [0, (15 - 7) / 2])
  })
  it('is a reason not to answer when it is much', () => {
    expect(reasonOf(manifest(0.4), { ...windowOf(closes), candles: candles(half) })).toBe(
      'bar value=volume of BTC is unknown in 50.0 % of the rows, the model accepts 40.0 %',
    )
    expect(reasonOf(manifest(0.9), windowOf(closes))).toBe(
      'bar value=volume of BTC is unknown in 100.0 % of the rows, the model accepts 90.0 %',
    )
  })
  it('of another asset counts in the same way', () => {
    const other = manifestWith([{ kind: 'otherLogRealizedVariance', asset: 'ETH', minutes: 5 }])
    expect(reasonOf(other, windowOf(closes))).toMatch(/^otherLogRealizedVariance asset=ETH minutes=5 of BTC is unknown/)
    const known = { ...windowOf(closes), others: new Map([['ETH', Float64Array.from(closes)]]) }
    const own = manifestWith([{ kind: 'logRealizedVariance', minutes: 5 }])
    expect(build(other, known)).toEqual(build(own, windowOf(closes)))
  })
})

describe('the calibrated forecast', () => {
  const manifest = aManifest({
    inputs: [{ tensor: 'calibrated', kind: 'baseline' }],
    grid: { stepSeconds: 300, steps: 3 },
  })
  it('comes in as the log-variance of each step', () => {
    const [baseline] = build(manifest, windowOf([1]), { ...question, baseline: [1e-6, 2e-6, 3e-6] })
    expect(baseline?.dims).toEqual([1, 3])
    near(baseline?.values, [1e-6, 2e-6, 3e-6].map(Math.log))
  })
  it('is needed, in the length of the model', () => {
    expect(reasonOf(manifest, windowOf([1]))).toBe('no calibrated forecast of BTC to start from')
    expect(reasonOf(manifest, windowOf([1]), { ...question, baseline: [1e-6] })).toBe(
      'the calibrated forecast has 1 steps, the model 3',
    )
  })
})

it('marks the asset', () => {
  const inputs = [{ tensor: 'asset', kind: 'asset' }]
  const manifest = aManifest({ inputs, serves: { assets: ['BTC', 'ETH', 'SOL'], horizons: ['low'] } })
  expect(build(manifest, windowOf([1]), { asset: 'ETH', startAtMs })[0]).toMatchObject({
    dims: [1, 3],
    values: Float32Array.of(0, 1, 0),
  })
})

describe('a window that will not do', () => {
  const manifest = manifestWith([{ kind: 'logReturn' }])
  const closes = Array.from({ length: 11 }, (_, i) => 100 + i)
  it.each([
    ['too short', closes.slice(1), 0, '10 minutes of BTC known, but 11 are needed'],
    ['too old', closes, 901_000, 'the last close of BTC is 901 s old, the model accepts 900 s'],
    ['from the future', closes, -1, 'the window ends after the start of the forecast'],
    [
      'full of holes',
      closes.map((close, i) => (i % 3 === 1 ? Number.NaN : close)),
      0,
      '36.4 % of the minutes of BTC are unknown, the model accepts 20.0 %',
    ],
  ])('is refused when it is %s', (_, values, ageMs, reason) => {
    expect(reasonOf(manifest, windowOf(values, ageMs))).toBe(reason)
  })
  it('is refused when no two minutes follow each other', () => {
    const alternate = closes.map((close, i) => (i % 2 === 1 ? Number.NaN : close))
    const lenient = manifestWith([{ kind: 'logReturn' }], {}, { window: { largestUnknownShare: 1 } })
    expect(reasonOf(lenient, windowOf(alternate))).toBe('no two minutes in a row of BTC are known')
  })
})

it('needs the minutes of its longest feature', () => {
  expect(minutesNeeded({ inputs: aManifest().inputs })).toBe(1496)
  expect(minutesNeeded(aManifest({ inputs: [{ ...harManifest.inputs[0], features: [{ kind: 'logReturn' }] }] }))).toBe(
    61,
  )
})

it('gives manifests of before the bits that they always had', () => {
  const times = ['daySin', 'dayCos', 'weekSin', 'weekCos', 'isWeekend'].flatMap((kind) => [
    { kind },
    { kind, clock: 'utc' },
  ])
  const features = [
    ...['logReturn', 'absLogReturn', 'logPriceToLast', 'knownShare'].map((kind) => ({ kind })),
    ...times,
    { kind: 'logRealizedVariance', minutes: 7, mean: -14, sd: 3, clip: 0.5 },
  ]
  const past = { tensor: 'x', kind: 'past', stepSeconds: 300, rows: 24, features }
  const inputs = [past, { tensor: 't', kind: 'ahead', features: times }, { tensor: 'a', kind: 'asset' }]
  // The hashes are of the last release whose features were in core.
  for (const [manifest, hash] of [
    [harManifest, '2bb9145310a62d48'],
    [studentMixtureManifest, '35f3d390e9ad579c'],
    [{ ...harManifest, inputs }, 'a8e5f6921a975f2a'],
  ] as const) {
    const window = madeCandles(1_600, startAtMs - 60_000)
    for (let i = 3; i < 1_599; i += 11) window.closes[i] = Number.NaN
    const bits = createHash('sha256')
    for (const { values } of build(parseManifest(manifest), window)) bits.update(new Uint8Array(values.buffer))
    expect(bits.digest('hex').slice(0, 16)).toBe(hash)
  }
})
