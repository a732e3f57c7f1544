import { describe, expect, it } from 'vitest'
import {
  countPythonCharacters,
  isIntToken,
  parsePythonFloat,
  parsePythonInt,
  pythonFloatText,
  pythonNumberText,
} from './python-number.ts'

describe('pythonFloatText', () => {
  it.each([
    [100, '100.0'],
    [-0, '-0.0'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1.2345e-10, '1.2345e-10'],
    [1e15, '1000000000000000.0'],
    [1e16, '1e+16'],
    [123456789012345680, '1.2345678901234568e+17'],
    [1e21, '1e+21'],
    [5e-324, '5e-324'],
    [0.1 + 0.2, '0.30000000000000004'],
    [Number.NaN, 'nan'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ])('writes %d as %s', (value, text) => expect(pythonFloatText(value)).toBe(text))
})

describe('number tokens', () => {
  it('keeps int and float apart by their text', () => {
    expect(isIntToken('12345678')).toBe(true)
    expect(isIntToken('12345678.0')).toBe(false)
    expect(isIntToken('1e3')).toBe(false)
    expect(pythonNumberText('-0')).toBe('0')
    expect(pythonNumberText('100.000')).toBe('100.0')
  })

  it('counts a leading zero, a minus sign and the exponent, but no point', () => {
    expect(countPythonCharacters('0.1234567')).toBe(8)
    expect(countPythonCharacters('-12345678')).toBe(9)
    expect(countPythonCharacters('0.000012345')).toBe(9)
    expect(countPythonCharacters('12345678.0')).toBe(9)
  })
})

describe('texts read as Python reads them', () => {
  it('allows blanks, a sign and single underscores', () => {
    expect(parsePythonInt(' -1_000 ')).toBe(-1000)
    expect(parsePythonFloat('\t+1_0.5e-1\n')).toBe(1.05)
    expect(parsePythonFloat('-Infinity')).toBe(Number.NEGATIVE_INFINITY)
    expect(parsePythonFloat('nan')).toBeNaN()
  })

  it.each(['', '0x10', '1__0', '_1', '1,5', '1e', 'infin', '7.9.1'])('refuses %j', (text) => {
    expect(parsePythonInt(text)).toBeNull()
    expect(parsePythonFloat(text)).toBeNull()
  })

  it('does not take a fraction for an int', () => expect(parsePythonInt('7.9')).toBeNull())
})
