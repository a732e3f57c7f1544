import type { IpRanges } from '../addresses/ip-ranges.ts'
import type { AnnouncedAddresses } from './announced-addresses.ts'
import type { ProvenAddresses } from './proven-addresses.ts'

/**
 * Addresses that are not strangers: they have sent a valid signature, a validator announces them on chain, or the
 * operator lists them. Room is kept for them. It proves nothing: each request still needs its signature.
 */
export class KnownAddresses {
  readonly #proven: ProvenAddresses
  readonly #announced: AnnouncedAddresses
  readonly #listed: IpRanges

  constructor(proven: ProvenAddresses, announced: AnnouncedAddresses, listed: IpRanges) {
    this.#proven = proven
    this.#announced = announced
    this.#listed = listed
  }

  includes(ip: string): boolean {
    return this.#proven.has(ip) || this.#announced.includes(ip) || this.#listed.includes(ip)
  }
}
