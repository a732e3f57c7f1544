import { expect, it } from 'vitest'
import { counted } from './counted.ts'

it('says one thing as one', () => {
  expect(counted(1, 'prompt')).toBe('1 prompt')
  expect(counted(0, 'entry', 'entries')).toBe('0 entries')
  expect(counted(12_000, 'minute', 'minutes', '12 000')).toBe('12 000 minutes')
})
