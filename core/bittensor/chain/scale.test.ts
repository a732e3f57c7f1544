import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isZeroSized, ScaleError, ScaleReader, type ScaleShape } from './scale.ts'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const read = (hex: string, shape: ScaleShape) => new ScaleReader(bytes(hex)).read(shape)
const uint = (byteCount: number): ScaleShape => ({ kind: 'uint', byteCount })
const compact: ScaleShape = { kind: 'compact' }
const struct = (...fields: [string, ScaleShape][]): ScaleShape => ({
  kind: 'struct',
  fields: fields.map(([name, of]) => ({ name, of })),
})

describe('ScaleReader', () => {
  // The examples of the SCALE specification.
  it.each<[string, number | bigint]>([
    ['00', 0],
    ['04', 1],
    ['a8', 42],
    ['1501', 69],
    ['feff0300', 65535],
    ['0b00407a10f35a', 100000000000000],
    ['13ffffffffffffffff', 18446744073709551615n],
  ])('reads the compact %s as %s', (hex, value) => {
    expect(read(hex, compact)).toBe(value)
  })
  it('reads numbers of every width, signed and unsigned', () => {
    expect(read('2a', uint(1))).toBe(42)
    expect(read('3200', uint(2))).toBe(50)
    expect(read('ffffffff', uint(4))).toBe(4294967295)
    expect(read('808d5b0000000000', uint(8))).toBe(6000000n)
    expect(read('ffffffffffffffffffffffffffffffff', { kind: 'int', byteCount: 16 })).toBe(-1n)
  })
  it('reads options, sequences, variants and structs into each other', () => {
    const shape = struct(
      ['a', { kind: 'option', of: uint(1) }],
      ['b', { kind: 'sequence', of: { kind: 'bool' } }],
      ['c', { kind: 'variant', cases: [{ index: 3, of: struct(['0', uint(1)]) }] }],
      ['d', { kind: 'bytes', byteCount: 2 }],
    )
    expect(read('0107080100030907ff', shape)).toEqual({ a: 7, b: [true, false], c: { 0: 9 }, d: bytes('07ff') })
  })
  it.each<[string, string, ScaleShape, string]>([
    ['bytes that end too early', '01', uint(2), 'ends too early'],
    ['nothing at all', '', compact, 'ends too early'],
    ['a flag that is neither yes nor no', '02', { kind: 'bool' }, 'neither yes nor no'],
    ['an unknown case', '05', { kind: 'variant', cases: [] }, 'there is no case 5'],
    ['a sequence of a billion', '02286bee', { kind: 'sequence', of: uint(1) }, 'a sequence of'],
    ['a field, by its name', '01', struct(['x', uint(1)], ['y', uint(1)]), 'y: the answer ends'],
    ['what it does not know', '00', { kind: 'unknown', reason: 'a bit sequence' }, 'a bit sequence'],
  ])('refuses %s', (_, hex, shape, sentence) => {
    expect(() => read(hex, shape)).toThrow(sentence)
  })
  it('ends every mess of bytes with a value or a ScaleError, quickly', () => {
    const shape = struct(
      ['a', { kind: 'sequence', of: compact }],
      ['b', { kind: 'option', of: { kind: 'sequence', of: uint(16) } }],
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (mess) => {
        try {
          new ScaleReader(mess).read(shape)
        } catch (error) {
          expect(error).toBeInstanceOf(ScaleError)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('isZeroSized', () => {
  it('looks through empty structs and arrays, and nothing else', () => {
    expect(isZeroSized(struct())).toBe(true)
    expect(isZeroSized(struct(['a', struct()], ['b', { kind: 'array', of: uint(8), count: 0 }]))).toBe(true)
    expect(isZeroSized(struct(['a', uint(1)]))).toBe(false)
    expect(isZeroSized({ kind: 'option', of: struct() })).toBe(false)
    expect(isZeroSized({ kind: 'unknown', reason: '' })).toBe(false)
  })
})
