import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { featureColumn } from '#tests/support/features/feature-column'
import { madeCandles } from '#tests/support/features/made-candles'

/** Made by tests/interop/feature_engineers.py with pandas, SciPy and PyWavelets. */
const fixture = JSON.parse(
  readFileSync(
    join(import.meta.dirname, '..', '..', 'tests', 'support', 'fixtures', 'features', 'engineers.json'),
    'utf8',
  ),
) as {
  readonly minutes: number
  readonly stepMinutes: number
  readonly expected: readonly ({ readonly rows: number } & Record<
    'zScore' | 'wavelet' | 'bar',
    Record<string, readonly number[]>
  >)[]
}
const window = madeCandles(fixture.minutes, Date.UTC(2026, 8, 23, 12))

const zScores: Readonly<Record<string, object>> = {
  return: { kind: 'logReturn' },
  z20: { kind: 'zScore', length: 20 },
  z200: { kind: 'zScore', length: 200 },
}

describe.each(fixture.expected)('the features of three engineers over $rows rows', ({ rows, ...engineers }) => {
  const cases = [
    ...Object.entries(engineers.zScore).map(([name, wanted]) => [name, zScores[name]!, wanted] as const),
    ...Object.entries(engineers.wavelet).map(([part, wanted]) => [part, { kind: 'wavelet', part }, wanted] as const),
    ...Object.entries(engineers.bar).map(([value, wanted]) => [value, { kind: 'bar', value }, wanted] as const),
  ]
  it.each(cases)('%s is as pandas, SciPy and PyWavelets have it', (_, feature, wanted) => {
    const values = featureColumn(feature, window, { rows, stepMinutes: fixture.stepMinutes })
    expect(values).toHaveLength(rows)
    const differences = wanted.map((value, i) => Math.abs(values[i]! - value) / Math.max(1, Math.abs(value)))
    expect(Math.max(...differences)).toBeLessThan(1e-9)
  })
  it('are all 24', () => expect(cases).toHaveLength(24))
})
