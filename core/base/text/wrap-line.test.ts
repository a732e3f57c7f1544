import { expect, it } from 'vitest'
import { wrapLine } from './wrap-line.ts'

it('breaks between words, and goes on two blanks further in', () => {
  expect(wrapLine('  one two three four', { width: 12 })).toEqual(['  one two', '    three', '    four'])
})
it('leaves what fits alone, and a word that is too long whole', () => {
  expect(wrapLine('a  b   c', { width: 8 })).toEqual(['a  b   c'])
  expect(wrapLine('see /a/very/long/path there', { width: 8, indent: '' })).toEqual([
    'see',
    '/a/very/long/path',
    'there',
  ])
})
