import type { IpRanges } from '../addresses/ip-ranges.ts'
import type { AnnouncedAddresses } from './announced-addresses.ts'

/**
 * off: any address; fixed: the listed ones; metagraph: the listed ones and those that admitted validators announce.
 */
export type IpAllowListMode = 'off' | 'fixed' | 'metagraph'

/** Asked when a connection opens, before a byte is read, and again for each request. */
export class IpAllowList {
  readonly mode: IpAllowListMode
  readonly #listed: IpRanges
  readonly #announced: AnnouncedAddresses

  constructor(mode: IpAllowListMode, listed: IpRanges, announced: AnnouncedAddresses) {
    this.mode = mode
    this.#listed = listed
    this.#announced = announced
  }

  allows(ip: string): boolean {
    switch (this.mode) {
      case 'off':
        return true
      case 'fixed':
        // The settings refuse an empty list with this mode.
        return this.#listed.includes(ip)
      case 'metagraph':
        // Before the first metagraph nobody announces anything. That must not lock everybody out.
        if (this.#listed.isEmpty && this.#announced.isEmpty) return true
        return this.#listed.includes(ip) || this.#announced.includes(ip)
    }
  }
}
