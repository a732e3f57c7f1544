import { describe, expect, it } from 'vitest'
import { jsonKind, readJson } from './answer-json.ts'
import { elementsOf, memberOf, numberAt, plainValueAt, pythonTypeAt, stringAt, textAt } from './json-tape.ts'

function read(text: string) {
  const reading = readJson(text)
  if (!reading.ok) throw new Error(reading.problem.message)
  return reading.tape
}

function problemOf(text: string) {
  const reading = readJson(text)
  return reading.ok ? null : reading.problem
}

describe('readJson', () => {
  it('keeps number tokens unchanged', () => {
    const tape = read('[12345678, 12345678.0, 1e-5, -0]')
    expect(elementsOf(tape, 0).map((entry) => textAt(tape, entry))).toEqual(['12345678', '12345678.0', '1e-5', '-0'])
    expect(elementsOf(tape, 0).map((entry) => pythonTypeAt(tape, entry))).toEqual(['int', 'float', 'float', 'int'])
  })

  it('accepts the literals that only Python writes', () => {
    const tape = read('[NaN, Infinity, -Infinity]')
    expect(plainValueAt(tape, 0)).toEqual([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
  })

  it('lets the last of repeated keys count, and a key called __proto__ be data', () => {
    const tape = read('{"a": 1, "b": {"a": 9}, "a": 2, "__proto__": 3}')
    expect(numberAt(tape, memberOf(tape, 0, 'a') ?? -1)).toBe(2)
    expect(memberOf(tape, 0, 'c')).toBeNull()
    expect(Object.entries(plainValueAt(tape, 0) as object)).toEqual([
      ['a', 2],
      ['b', { a: 9 }],
      ['__proto__', 3],
    ])
  })

  it('reads escapes, lone surrogates included', () => {
    const tape = read(String.raw`"a\"\\\u00e9\ud800"`)
    expect(tape.kinds[0]).toBe(jsonKind.string)
    expect(stringAt(tape, 0)).toBe('a"\\é\ud800')
  })

  it.each([
    ['', 0],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['[01]', 1],
    ['[1.]', 1],
    ['[.5]', 1],
    ['[+1]', 1],
    ['[-]', 1],
    ['[1e]', 1],
    ['{"a" 1}', 5],
    ['{a:1}', 1],
    ['"abc', 0],
    ['"a\nb"', 2],
    [String.raw`"\x"`, 1],
    [String.raw`"\u12g4"`, 1],
    ['[1] x', 4],
    ['\ufeff[]', 0],
    ['nul', 0],
  ])('refuses %j at offset %i', (text, offset) => expect(problemOf(text)?.offset).toBe(offset))

  it('refuses what Python refuses for size: a huge int, endless nesting', () => {
    expect(problemOf('1'.repeat(4301))?.message).toContain('4300')
    expect(problemOf('1'.repeat(4300))).toBeNull()
    expect(problemOf(`${'['.repeat(5000)}${']'.repeat(5000)}`)?.message).toContain('nested')
  })
})
