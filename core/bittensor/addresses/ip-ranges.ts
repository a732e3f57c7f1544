import { nearestName } from '#core/base/text/nearest-name'
import { parseIp } from './ip-address.ts'

/** Lists that a subnet's team has published, by the name that stands for them in an allow-list. */
export const addressPresets = {
  /** The validators of Synth, as published on 2026-06-17. */
  'synth-2026-06': ['35.195.33.228', '34.45.197.133', '167.150.153.50'],
} as const satisfies Readonly<Record<string, readonly string[]>>

interface IpRange {
  readonly family: 4 | 6
  readonly base: bigint
  readonly hostBits: bigint
}

/** Addresses, ranges such as 10.0.0.0/8 or 2001:db8::/32, and names of presets. */
export class IpRanges {
  readonly #single = new Set<string>()
  readonly #ranges: IpRange[] = []

  /** Entries that `isIpEntry` refuses are left out. */
  constructor(entries: readonly string[]) {
    for (const entry of entries.flatMap(presetEntries)) {
      const range = parseRange(entry)
      if (range === undefined) continue
      if (range.hostBits === 0n && range.family === 4) this.#single.add(entry.split('/')[0]!)
      else this.#ranges.push(range)
    }
  }

  get isEmpty(): boolean {
    return this.#single.size === 0 && this.#ranges.length === 0
  }

  /** Expects the plain form of an IPv4 address, see `plainIp`. */
  includes(ip: string): boolean {
    if (this.#single.has(ip)) return true
    if (this.#ranges.length === 0) return false
    const address = parseIp(ip.split('%')[0]!)
    if (address === undefined) return false
    return this.#ranges.some(
      ({ family, base, hostBits }) => family === address.family && address.value >> hostBits === base >> hostBits,
    )
  }
}

/** What a wrong entry most likely meant. */
export function nearestIpEntry(entry: string): string | undefined {
  const preset = nearestName(entry, Object.keys(addressPresets))
  if (preset !== undefined) return preset
  // A port, spaces, leading zeros, or a prefix that is too long.
  const plain = /^[[ ]*([0-9.]+?|[0-9a-f:]+?)[\] ]*(?::[0-9]{1,5})?(?:[/ ][0-9]*)?[ ]*$/i.exec(entry)?.[1]
  const withoutZeros = plain?.includes('.') ? plain.replace(/(^|[.])0+(?=[0-9])/g, '$1') : plain
  return withoutZeros !== undefined && isIpEntry(withoutZeros) ? withoutZeros : undefined
}

export function isIpEntry(entry: string): boolean {
  return Object.hasOwn(addressPresets, entry) || parseRange(plainIp(entry)) !== undefined
}

/** A dual-stack socket shows IPv4 peers as ::ffff:1.2.3.4. */
export function plainIp(ip: string): string {
  return ip.startsWith('::ffff:') ? ip.slice(7) : ip
}

/** What one caller can be expected to hold: an IPv4 address, or the /64 network of an IPv6 address. */
export function callerNetwork(ip: string): string {
  if (!ip.includes(':')) return ip
  const address = parseIp(ip.split('%')[0]!)
  return address === undefined ? ip : `${(address.value >> 64n).toString(16)}::/64`
}

function presetEntries(entry: string): readonly string[] {
  return Object.hasOwn(addressPresets, entry) ? addressPresets[entry as keyof typeof addressPresets] : [plainIp(entry)]
}

function parseRange(text: string): IpRange | undefined {
  const [ip, prefix, ...rest] = text.split('/')
  if (ip === undefined || rest.length > 0) return undefined
  const address = parseIp(ip)
  if (address === undefined) return undefined
  const bits = address.family === 4 ? 32 : 128
  if (prefix === undefined) return { family: address.family, base: address.value, hostBits: 0n }
  // /0 would admit everybody: that is the mode "off", and here most likely a slip.
  if (!/^[1-9][0-9]{0,2}$/.test(prefix) || Number(prefix) > bits) return undefined
  return { family: address.family, base: address.value, hostBits: BigInt(bits - Number(prefix)) }
}
