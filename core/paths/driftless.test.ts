import { describe, expect, it } from 'vitest'
import { type DriftlessSpec, writeDriftlessPaths } from './driftless.ts'

const spec: DriftlessSpec = {
  seed: 7n,
  startPriceUsd: 103_251.37,
  hourlySigma: 0.00541,
  startAtSeconds: 1_779_710_460,
  stepSeconds: 300,
  pointCount: 289,
  pathCount: 1_000,
}

type Output = [number, number, ...number[][]]

const read = (bytes: Uint8Array | undefined) => JSON.parse(Buffer.from(bytes ?? []).toString()) as Output

describe('writeDriftlessPaths', () => {
  it('writes start, step and every path from the start price on', () => {
    const [start, step, ...paths] = read(writeDriftlessPaths(spec))
    expect([start, step, paths.length]).toEqual([1_779_710_460, 300, 1_000])
    expect(new Set(paths.map((path) => path.length))).toEqual(new Set([289]))
    expect(new Set(paths.map((path) => path[0]))).toEqual(new Set([103_251.37]))
    expect(new Set(paths.map((path) => path[288])).size).toBeGreaterThan(990)
  })

  it('has the asked volatility, no drift and no correlation between steps', () => {
    const [, , ...paths] = read(writeDriftlessPaths(spec))
    const returns = paths.map((path) => path.slice(1).map((price, i) => Math.log(price / path[i]!)))
    const all = returns.flat()
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length
    const deviation = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length)
    const expected = 0.00541 * Math.sqrt(1 / 12)
    // 288,000 draws: standard errors of 0.13 % for the deviation and 0.19 % of it for the mean; five of each.
    expect(Math.abs(deviation / expected - 1)).toBeLessThan(0.0066)
    expect(Math.abs(mean + (expected * expected) / 2)).toBeLessThan(0.0094 * expected)
    const lagged = returns.flatMap((path) => path.slice(1).map((value, i) => value * path[i]!))
    expect(Math.abs(lagged.reduce((sum, value) => sum + value, 0) / lagged.length / deviation ** 2)).toBeLessThan(
      0.0094,
    )
    const beyond3 = all.filter((value) => Math.abs(value - mean) > 3 * deviation).length / all.length
    expect(beyond3).toBeGreaterThan(0.002)
    expect(beyond3).toBeLessThan(0.0034)
  })

  it('gives the same bytes for the same spec, and others for another seed', () => {
    const small = { ...spec, pathCount: 5 }
    expect(writeDriftlessPaths(small)).toEqual(writeDriftlessPaths(small))
    expect(writeDriftlessPaths(small)).not.toEqual(writeDriftlessPaths({ ...small, seed: 8n }))
  })

  it('makes nothing where a price leaves the range that can be written', () => {
    expect(writeDriftlessPaths({ ...spec, startPriceUsd: 1e8 })).toBeUndefined()
    expect(writeDriftlessPaths({ ...spec, startPriceUsd: Number.NaN })).toBeUndefined()
    expect(writeDriftlessPaths({ ...spec, startPriceUsd: 9e7, hourlySigma: 1 })).toBeUndefined()
  })
})
