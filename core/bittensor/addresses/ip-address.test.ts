import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatIp, parseIp, whyNotPublic } from './ip-address.ts'

describe('parseIp and formatIp', () => {
  it.each([
    ['0.0.0.0', 0n],
    ['127.0.0.1', 2130706433n],
    ['192.168.0.1', 3232235521n],
    ['203.0.113.10', 3405803786n],
    ['255.255.255.255', 4294967295n],
    ['2001:db8::1', 42540766411282592856903984951653826561n],
  ])('%s is %s on the chain', (text, value) => {
    expect(parseIp(text)?.value).toBe(value)
    expect(formatIp(parseIp(text)!)).toBe(text)
  })
  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.a',
    ' 1.2.3.4',
    '1::2::3',
    ':',
    '1:2:3',
    'g::1',
    '1:2:3:4:5:6:7:8:9',
  ])('%j is no address', (text) => {
    expect(parseIp(text)).toBeUndefined()
  })
  it('reads back what it wrote, for every address', () => {
    const address = fc.oneof(
      fc.record({ family: fc.constant(4 as const), value: fc.bigInt(0n, (1n << 32n) - 1n) }),
      fc.record({ family: fc.constant(6 as const), value: fc.bigInt(0n, (1n << 128n) - 1n) }),
    )
    fc.assert(
      fc.property(address, ({ family, value }) => {
        expect(parseIp(formatIp({ family, value }))).toEqual({ family, value })
      }),
    )
  })
})

describe('whyNotPublic', () => {
  // C11: the chain accepts most of these, so nobody but us refuses them.
  it.each([
    ['0.0.0.0', 'this network'],
    ['0.255.255.255', 'this network'],
    ['10.0.0.1', 'private'],
    ['10.255.255.255', 'private'],
    ['100.64.0.0', 'CGNAT'],
    ['100.127.255.255', 'CGNAT'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['169.254.0.1', 'link-local'],
    ['169.254.169.254', 'link-local'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.0.0.8', 'protocols'],
    ['192.168.0.1', 'private'],
    ['192.168.255.255', 'private'],
    ['198.18.0.1', 'benchmarks'],
    ['198.19.255.255', 'benchmarks'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['fc00::1', 'private'],
    ['fdff::1', 'private'],
    ['fe80::1', 'link-local'],
    ['febf::1', 'link-local'],
    ['ff02::1', 'multicast'],
  ])('%s is not: %s', (text, word) => {
    expect(whyNotPublic(parseIp(text)!)).toContain(word)
  })
  it.each([
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '203.0.113.9',
    '223.255.255.255',
    '2001:db8::1',
  ])('%s is', (text) => {
    expect(whyNotPublic(parseIp(text)!)).toBeUndefined()
  })
})
