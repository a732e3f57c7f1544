import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readJson } from './answer-json.ts'
import { pathMatrixOf } from './answer-paths.ts'
import { complaintAboutPoint } from './digit-rule.ts'
import { readFastPaths } from './fast-paths.ts'
import { elementsOf, nextAfter } from './json-tape.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Digits of any number before and after the point, near halves of the last bit too. */
const decimal = fc.oneof(
  fc
    .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.bigInt({ min: 0n, max: 10n ** 22n }), fc.nat(9))
    .map(([minus, whole, part, zeros]) => `${minus ? '-' : ''}${whole}.${'0'.repeat(zeros)}${part}`),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.double({ min: 1, max: 200_000, noNaN: true }).map((value) => JSON.stringify(value)),
  fc
    .tuple(fc.double({ min: 1, max: 1e5, noNaN: true }), fc.integer({ min: 16, max: 19 }))
    .map(([value, digits]) => value.toPrecision(digits)),
  fc.integer({ min: 0, max: 99_999_999 }).map((value) => (value / 1000).toString()),
)

it('reads every number to the double that Number() reads', () => {
  fc.assert(
    fc.property(fc.array(decimal, { minLength: 1, maxLength: 50 }), (tokens) => {
      const fast = readFastPaths(bytesOf(`[1, 60, [${tokens.join(' , ')}],\n[${tokens.join(',')}]]`))
      const expected = tokens.map(Number)
      if (expected.some((value) => !Number.isFinite(value))) return
      expect([...fast!.paths.values]).toEqual([...expected, ...expected])
      expect(fast!.header).toEqual(['1', '60'])
    }),
    { numRuns: 2000 },
  )
})

it('calls an answer short only if the digit rule accepts every number', () => {
  fc.assert(
    fc.property(fc.array(decimal, { minLength: 1, maxLength: 4 }), (tokens) => {
      const text = `[1, 60, [${tokens.join(',')}]]`
      if (readFastPaths(bytesOf(text))?.isShort !== true) return
      const reading = readJson(text)
      if (!reading.ok) throw new Error(text)
      const path = elementsOf(reading.tape, 0)[2]!
      for (let entry = path + 1; entry < nextAfter(reading.tape, path); entry += 1)
        expect(complaintAboutPoint(reading.tape, entry, 'sigDigits8')).toBeNull()
    }),
    { numRuns: 2000 },
  )
  expect(readFastPaths(bytesOf('[1,60,[64123.45,0.00012345678,1e7]]'))!.isShort).toBe(true)
  expect(readFastPaths(bytesOf('[1,60,[64123.4567]]'))!.isShort).toBe(false)
})

it('gives up on everything that is not a plain list of lists, and never reads another matrix than the careful reader', () => {
  const pieces = [
    '[',
    ']',
    '[1,60,[1.5,2],[3,4]',
    '{"paths":',
    '}',
    ',',
    ':',
    '"a"',
    '1',
    '-',
    '0',
    '.',
    '5',
    'e2',
    ' ',
    'true',
    'null',
    'NaN',
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 10 }), (chosen) => {
      const text = chosen.join('')
      const fast = readFastPaths(bytesOf(text))
      if (fast === undefined || fast.member !== null) return
      const reading = readJson(text)
      // Two elements before the paths, as an answer has.
      if (!reading.ok || fast.header.length !== 2) return
      expect([...fast.paths.values]).toEqual([...pathMatrixOf(reading.tape, 0)!.values])
      expect(readJson(text).ok).toBe(true)
    }),
    { numRuns: 5000 },
  )
})

it.each([
  ['nothing', ''],
  ['a list of numbers', '[1,2]'],
  ['a text for a number', '[1,60,[1,"2"]]'],
  ['NaN', '[1,60,[NaN]]'],
  ['paths of other lengths', '[1,60,[1,2],[1]]'],
  ['an empty path', '[1,60,[]]'],
  ['a leading zero', '[1,60,[01]]'],
  ['a point without digits', '[1,60,[1.]]'],
  ['an exponent without digits', '[1,60,[1e]]'],
  ['an infinite exponent', '[1,60,[1e999]]'],
  ['a second value', '[1,60,[1]] 2'],
  ['a cut file', '[1,60,[1,2'],
  ['an object without paths', '{"a": 1}'],
  ['paths that come twice', '{"paths": [[1]], "paths": [[2]]}'],
  ['two kinds of paths', '{"paths": [[1]], "prediction": [[2]]}'],
])('gives up on %s', (_, text) => {
  expect(readFastPaths(bytesOf(text))).toBeUndefined()
})

it('has what is beside the paths as text', () => {
  const text = '{"start_timestamp": 5, "note": "a, [b] \\"c\\"", "paths": [[1, 2], [3, 4]], "meta": {"x": [1]}}'
  const fast = readFastPaths(bytesOf(text))!
  expect(fast.member).toBe('paths')
  expect(fast.paths).toMatchObject({ pathCount: 2, pointCount: 2 })
  expect(Object.fromEntries([...fast.members].map(([name, json]) => [name, JSON.parse(json) as unknown]))).toEqual({
    start_timestamp: 5,
    note: 'a, [b] "c"',
    meta: { x: [1] },
  })
})
