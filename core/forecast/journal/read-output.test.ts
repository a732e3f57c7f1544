import { expect, it } from 'vitest'
import { readOutput, toMatrix } from './read-output.ts'

const read = (text: string) => readOutput(new TextEncoder().encode(text))

it('reads start, increment and every price as it was written', () => {
  const reading = read('[1758542400,300,[63251.37,63250,0.0001234],[9.9999999,10,99999999]]')
  expect(reading.ok && { ...reading.prices, digits: [...reading.prices.digits] }).toEqual({
    startAtSeconds: 1_758_542_400,
    stepSeconds: 300,
    pathCount: 2,
    pointCount: 3,
    digits: [6_325_137, 63_250, 1_234, 99_999_999, 10, 99_999_999],
    decimals: Uint8Array.of(2, 0, 7, 7, 0, 0),
  })
  expect(reading.ok && [...toMatrix(reading.prices).values]).toEqual([
    63251.37, 63250, 0.0001234, 9.9999999, 10, 99999999,
  ])
})

it.each([
  ['nothing', ''],
  ['an object', '{}'],
  ['no path', '[1,60]'],
  ['an empty path', '[1,60,[]]'],
  ['paths of two lengths', '[1,60,[1,2],[1]]'],
  ['a comma before nothing', '[1,60,[1,]]'],
  ['an exponent', '[1,60,[1e5]]'],
  ['a sign', '[1,60,[-1]]'],
  ['nine digits', '[1,60,[123456789]]'],
  ['a point without decimals', '[1,60,[1.]]'],
  ['a point without a whole part', '[1,60,[.5]]'],
  ['two points', '[1,60,[1.5.5]]'],
  ['a space', '[1,60,[1, 2]]'],
  ['a missing end', '[1,60,[1,2]'],
  ['a cut path', '[1,60,[1,2'],
  ['something after the end', '[1,60,[1,2]]x'],
  ['a nested list', '[1,60,[[1]]]'],
  ['null', '[1,60,[null]]'],
])('refuses %s', (_, text) => {
  expect(read(text).ok).toBe(false)
})
