import { expect, it } from 'vitest'
import { acceptsGzip } from './accept-encoding.ts'

it.each<[string | undefined, boolean]>([
  [undefined, false],
  ['', false],
  ['identity', false],
  ['br', false],
  ['gzip', true],
  ['gzip, deflate', true],
  ['gzip, deflate, br, zstd', true],
  ['deflate;q=0.5, GZIP;q=0.1', true],
  ['gzip;q=0', false],
  ['gzip;q=0.000, *', false],
  ['*', true],
  ['*;q=0', false],
  ['br, *;q=0.1', true],
  ['xgzip', false],
])('for %j gzip is %s', (header, expected) => {
  expect(acceptsGzip(header)).toBe(expected)
})
