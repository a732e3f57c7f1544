export interface IpAddress {
  readonly family: 4 | 6
  /** As the chain stores it: IPv4 in 32 bits, IPv6 in 128. */
  readonly value: bigint
}

export function parseIp(text: string): IpAddress | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

export function formatIp(address: IpAddress): string {
  return address.family === 4 ? formatIpv4(address.value) : formatIpv6(address.value)
}

/** Why others cannot reach an address; undefined when they can. */
export function whyNotPublic(address: IpAddress): string | undefined {
  const ranges = address.family === 4 ? unreachableIpv4 : unreachableIpv6
  const bits = address.family === 4 ? 32n : 128n
  return ranges.find(([base, prefix]) => address.value >> (bits - prefix) === base >> (bits - prefix))?.[2]
}

type Range = readonly [base: bigint, prefixBits: bigint, what: string]

// The documentation ranges (192.0.2/24, 198.51.100/24, 203.0.113/24) are allowed: tests announce them.
const unreachableIpv4: readonly Range[] = [
  ipv4Range('0.0.0.0', 8, 'it means "this network"'),
  ipv4Range('10.0.0.0', 8, 'it is private'),
  ipv4Range('100.64.0.0', 10, 'it is shared behind a carrier (CGNAT)'),
  ipv4Range('127.0.0.0', 8, 'it is loopback'),
  ipv4Range('169.254.0.0', 16, 'it is link-local'),
  ipv4Range('172.16.0.0', 12, 'it is private'),
  ipv4Range('192.0.0.0', 24, 'it is reserved for protocols'),
  ipv4Range('192.168.0.0', 16, 'it is private'),
  ipv4Range('198.18.0.0', 15, 'it is reserved for benchmarks'),
  ipv4Range('224.0.0.0', 4, 'it is multicast'),
  ipv4Range('240.0.0.0', 4, 'it is reserved'),
]

const unreachableIpv6: readonly Range[] = [
  [0n, 127n, 'it is loopback or unspecified'],
  [0xfcn << 120n, 7n, 'it is private'],
  [0xfe80n << 112n, 10n, 'it is link-local'],
  [0xffn << 120n, 8n, 'it is multicast'],
]

function ipv4Range(base: string, prefixBits: number, what: string): Range {
  return [parseIpv4(base)!.value, BigInt(prefixBits), what]
}

function parseIpv4(text: string): IpAddress | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    // Some readers take a leading zero as octal, others as decimal.
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = (value << 8n) | BigInt(part)
  }
  return { family: 4, value }
}

function parseIpv6(text: string): IpAddress | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head!.length - (tail?.length ?? 0)
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = tail === undefined ? head! : [...head!, ...Array<string>(missing).fill('0'), ...tail]
  let value = 0n
  for (const group of groups) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined
    value = (value << 16n) | BigInt(Number.parseInt(group, 16))
  }
  return { family: 6, value }
}

function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join('.')
}

function formatIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(16 * (7 - i))) & 0xffffn).toString(16))
  const longest = [...groups.join(':').matchAll(/\b0(?::0)+\b/g)].sort((a, b) => b[0].length - a[0].length)[0]
  if (longest === undefined) return groups.join(':')
  const text = groups.join(':')
  const [before, after] = [text.slice(0, longest.index), text.slice(longest.index + longest[0].length)]
  return `${before.replace(/:$/, '')}::${after.replace(/^:/, '')}`
}
