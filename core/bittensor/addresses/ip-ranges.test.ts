import { describe, expect, it } from 'vitest'
import { addressPresets, callerNetwork, IpRanges, isIpEntry, nearestIpEntry } from './ip-ranges.ts'

describe('IpRanges', () => {
  it('knows addresses, ranges of both families and presets', () => {
    const ranges = new IpRanges(['203.0.113.9', '::ffff:203.0.113.10', '10.1.2.3/16', '2001:db8::/32', 'synth-2026-06'])
    for (const ip of ['203.0.113.9', '203.0.113.10', '10.1.0.0', '10.1.255.255', '2001:db8:ffff::1']) {
      expect([ip, ranges.includes(ip)]).toEqual([ip, true])
    }
    for (const ip of addressPresets['synth-2026-06']) expect(ranges.includes(ip)).toBe(true)
    for (const ip of ['203.0.113.8', '10.2.0.0', '2001:db9::', '::', '', 'x']) {
      expect([ip, ranges.includes(ip)]).toEqual([ip, false])
    }
    expect(new IpRanges([]).isEmpty).toBe(true)
  })

  it.each([
    '',
    'validator.example',
    '10.0.0.0/33',
    '10.0.0.0/0',
    '10.0.0/8',
    '010.0.0.1',
    '::1/129',
    '1.2.3.4/8/8',
    '10.0.0.0/ 8',
  ])('refuses %j as an entry', (entry) => {
    expect(isIpEntry(entry)).toBe(false)
  })

  it.each([
    ['synth-2026-6', 'synth-2026-06'],
    ['35.195.033.228', '35.195.33.228'],
    ['35.195.33.228:8091', '35.195.33.228'],
    [' 35.195.33.228 ', '35.195.33.228'],
    ['35.195.33.228/33', '35.195.33.228'],
    ['validator.example', undefined],
  ])('guesses what %j meant', (entry, meant) => {
    expect(nearestIpEntry(entry)).toBe(meant)
  })

  it('takes an IPv4 address, or the /64 network of an IPv6 address, as one caller', () => {
    expect(callerNetwork('203.0.113.9')).toBe('203.0.113.9')
    expect(callerNetwork('2001:db8:1:2:3::4')).toBe(callerNetwork('2001:db8:1:2:ffff::'))
    expect(callerNetwork('2001:db8:1:2::')).not.toBe(callerNetwork('2001:db8:1:3::'))
    expect(callerNetwork('fe80::1%eth0')).toBe(callerNetwork('fe80::2'))
  })
})
