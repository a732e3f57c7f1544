import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { readTuning, withTuning } from './calibrated-tuning.ts'
import { defaultParameters } from './default-parameters.ts'
import { hashParameters } from './parameters-hash.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

it('names parameters by their values, whatever order they were put together in', () => {
  const parameters = defaultParameters('BTC')
  const turned = Object.fromEntries(Object.entries(parameters).reverse()) as unknown as typeof parameters
  expect(hashParameters(turned, sha256)).toBe(hashParameters(parameters, sha256))
  expect(hashParameters(parameters, sha256)).toBe(
    sha256(
      '{"blend":{"high":{"calibrated":1},"low":{"calibrated":1}},"champion":{"high":"calibrated","low":"calibrated"},' +
        '"df":5,"lambda":0.94,"shrinkHigh":0.9,"sigmaCapDaily":0.1}',
    ).slice(0, 16),
  )
  expect(hashParameters({ ...parameters, df: 6 }, sha256)).not.toBe(hashParameters(parameters, sha256))
})

it.each([
  ['e68d095916aa7109', {}],
  ['d8c613216bd59b6f', { lambda: 1e-7, df: 5.5, sigmaCapDaily: 1e21, shrinkHigh: -0 }],
  [
    '2421d739e7e664c8',
    {
      champion: { low: 'blend', high: 'onnx:a "b" \u00e9\n' },
      blend: { low: { z: 0.1, Z: 0.2, 'a-b': 0.3, 10: 0.2, 9: 0.2 }, high: {} },
    },
  ],
])('gives the hash %s that databases already hold', (hash, change) => {
  expect(hashParameters({ ...defaultParameters('BTC'), ...change }, sha256)).toBe(hash)
})

it('does not see a departure that is neutral, whatever was set before', () => {
  const untouched = defaultParameters('BTC')
  const tuned = withTuning(withTuning(untouched, 'low', 'level', 1.05), 'high', 'memory', 0.1)
  expect(hashParameters(tuned, sha256)).not.toBe(hashParameters(untouched, sha256))
  expect([readTuning(tuned, 'low', 'level'), readTuning(tuned, 'low', 'tail')]).toEqual([1.05, 1])
  const back = withTuning(withTuning(tuned, 'high', 'memory', 0), 'low', 'level', 1)
  expect([back, hashParameters(back, sha256)]).toEqual([untouched, hashParameters(untouched, sha256)])
  expect(withTuning(untouched, 'low', 'level', 1)).toEqual(untouched)
})
