import { describe, expect, it } from 'vitest'
import { parseStrictJson } from './strict-json.ts'

const parse = (text: string) => parseStrictJson(new TextEncoder().encode(text))
const reasonOf = (text: string) => {
  const parsed = parse(text)
  return parsed.ok ? 'accepted' : parsed.reason
}

describe('parseStrictJson', () => {
  it('reads a body as the validator sends it', () => {
    const parsed = parse('{"a": [1, -2.5e3, true, null], "b":{"c":"x\\u00e9\\n"}}')
    expect(parsed.ok && JSON.parse(JSON.stringify(parsed.value))).toEqual({
      a: [1, -2500, true, null],
      b: { c: 'xé\n' },
    })
  })

  it.each([
    ['a name given twice', '{"a":1,"a":2}', 'a name given twice'],
    ['a name given twice by an escape', '{"a":1,"\\u0061":2}', 'a name given twice'],
    ['a number beyond double range', '1e309', 'a number out of range'],
    ['half a surrogate pair', '"\\ud800"', 'half a surrogate pair'],
    ['a byte order mark', '\ufeff{}', 'a value was expected'],
    ['a NUL', '"\u0000"', 'a text without end'],
    ['a cut text', '{"a":"b', 'a text without end'],
    ['a cut object', '{"a":1', '} was expected'],
    ['text after the value', '{} {}', 'text after the value'],
    ['nothing', '', 'a value was expected'],
    ['NaN', 'NaN', 'a value was expected'],
    ['a leading zero', '01', 'text after the value'],
    ['a trailing comma', '[1,]', 'a value was expected'],
    ['a deep nest', '['.repeat(100_000), 'nested too deep'],
    ['a deep nest of objects', '{"a":'.repeat(10_000), 'nested too deep'],
  ])('refuses %s', (_name, text, reason) => {
    expect(reasonOf(text)).toBe(reason)
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(parseStrictJson(Uint8Array.of(0x22, 0xff, 0x22)).ok).toBe(false)
    // A surrogate written straight as bytes.
    expect(parseStrictJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)).ok).toBe(false)
  })

  it('makes objects without a prototype and refuses __proto__', () => {
    expect(reasonOf('{"__proto__":{"polluted":true}}')).toBe('a forbidden name')
    const parsed = parse('{"constructor":1}')
    const value = parsed.ok ? (parsed.value as Record<string, unknown>) : {}
    expect(Object.keys(value)).toEqual(['constructor'])
    expect(Object.getPrototypeOf(value)).toBeNull()
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})
