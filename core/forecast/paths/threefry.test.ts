import { expect, it } from 'vitest'
import { type FourWords, threefry } from './threefry.ts'

const all = 0xffffffff

it.each<[string, FourWords, FourWords, string]>([
  ['zeros', [0, 0, 0, 0], [0, 0, 0, 0], '9c6ca96a e17eae66 fc10ecd4 5256a7d8'],
  ['ones', [all, all, all, all], [all, all, all, all], '2a881696 57012287 f6c7446e a16a6732'],
  [
    'digits of pi',
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89],
    '59cd1dbb b8879579 86b5d00c ac8b6d84',
  ],
])('gives the published words of Threefry-4x32-20 for %s', (_, counter, key, words) => {
  const out = new Uint32Array(4)
  threefry(counter, key, out, 0)
  expect([...out].map((word) => word.toString(16).padStart(8, '0')).join(' ')).toBe(words)
})
