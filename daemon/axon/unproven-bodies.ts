import { callerNetwork } from '#core/bittensor/addresses/ip-ranges'
import type { KnownAddresses } from '#core/bittensor/admission/known-addresses'

const maxPerNetwork = 4
const maxInTotal = 256

interface Reading {
  readonly network: string
  readonly stop: () => void
}

/**
 * Bodies that are read before their signature can be checked, because it covers them. At a limit the oldest makes room:
 * an honest body arrives at once. Known addresses have no limit here, only that of their connections.
 */
export class UnprovenBodies {
  readonly #known: KnownAddresses
  /** In the order of their begin. */
  readonly #readings = new Set<Reading>()

  constructor(known: KnownAddresses) {
    this.#known = known
  }

  get size(): number {
    return this.#readings.size
  }

  /** `stop` is called when another body needs the room. Returns what to call at the end; calling it twice is safe. */
  begin(ip: string, stop: () => void): () => void {
    if (this.#known.includes(ip)) return () => {}
    const network = callerNetwork(ip)
    const own = [...this.#readings].filter((reading) => reading.network === network)
    if (own.length >= maxPerNetwork) this.#stop(own[0]!)
    else if (this.#readings.size >= maxInTotal) for (const oldest of [...this.#readings].slice(0, 1)) this.#stop(oldest)
    const reading: Reading = { network, stop }
    this.#readings.add(reading)
    return () => void this.#readings.delete(reading)
  }

  #stop(reading: Reading): void {
    this.#readings.delete(reading)
    reading.stop()
  }
}
