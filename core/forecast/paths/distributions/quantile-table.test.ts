import { expect, it } from 'vitest'
import { upperQuantile } from './quantile.ts'
import { makeQuantileTable, octaveCount, segmentsPerOctave } from './quantile-table.ts'
import { lawOf } from './symmetric-law.ts'

it.each([
  { kind: 'normal' },
  { kind: 'student', degreesOfFreedom: 3 },
  { kind: 'mixture', components: [1, 2, 5].map((scale) => ({ weight: 1 / scale, scale })) },
] as const)('follows the quantile function of $kind tails to a millionth of a deviation', (tails) => {
  const law = lawOf(tails)
  const table = makeQuantileTable(law)
  for (let octave = 0; octave < octaveCount; octave += 1) {
    for (const mantissa of [1, 1.0625, 1.21, 1.4999, 1.77, 1.99]) {
      const at = 4 * (octave * segmentsPerOctave + Math.floor((mantissa - 1) * segmentsPerOctave))
      const [c0, c1, c2, c3] = table.subarray(at, at + 4) as unknown as [number, number, number, number]
      const quantile = c0 + mantissa * (c1 + mantissa * (c2 + mantissa * c3))
      const exact = upperQuantile(law, mantissa * 2 ** (octave - 33))
      expect(Math.abs(quantile - exact)).toBeLessThan(1e-6 * Math.max(exact, 1))
    }
  }
})
