import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readFileFormat } from './file-format.ts'

const text = (field: number, value: string) => [8 * field + 2, value.length, ...Buffer.from(value)]
const opset = (domain: string, version: number) => [...text(1, domain), 16, version]
const file = (...parts: number[][]) => Uint8Array.from(parts.flat())
const set = (inner: number[]) => [66, inner.length, ...inner]
const graph = [58, 3, 1, 2, 3]

it('reads the head of a file whatever the order of its fields', () => {
  const parts = [[8, 8], text(2, 'pytorch'), text(3, '2.1'), set(opset('', 17)), set(opset('com.microsoft', 1)), graph]
  const wanted = { ir: 8, opset: 17, domains: ['com.microsoft'], producer: 'pytorch 2.1' }
  expect(readFileFormat(file(...parts))).toEqual(wanted)
  expect(readFileFormat(file(graph, [8, 8], set([16, 13])))).toEqual({ ir: 8, opset: 13, domains: [], producer: '' })
})
it('takes no cut file for a whole one when a field is broken off', () => {
  const whole = file([8, 8], set(opset('', 17)), graph)
  for (const cut of [1, 3, 6, whole.length - 1])
    expect(readFileFormat(whole.subarray(0, cut)), `${cut}`).toBeUndefined()
})
it('never throws, and never shows what a terminal would obey', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const format = readFileFormat(Uint8Array.from([8, 8, ...text(2, '\u001b[31m'), ...bytes]))
      expect(format?.producer ?? '').toMatch(/^[ -~]*$/)
    }),
  )
})
