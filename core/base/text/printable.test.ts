import { expect, it } from 'vitest'
import { printable } from './printable.ts'

it('keeps letters of every language and takes away what steers a terminal', () => {
  expect(printable('Übung 12 µ\u001b[31m\n\u202e!')).toBe('Übung 12 µ?[31m??!')
})
