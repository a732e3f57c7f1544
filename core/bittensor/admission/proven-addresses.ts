import type { Clock } from '#core/base/time/clock'
import { dayMs } from '#core/base/time/units'
import { callerNetwork } from '../addresses/ip-ranges.ts'

export interface ProvenAddress {
  /** An IPv4 address or the /64 network of an IPv6 address. */
  readonly network: string
  /** When it last sent a valid signature of a validator that may ask. */
  readonly provenAtMs: number
}

/** Where they survive a restart. Losing them costs nothing but the head start in a flood. */
export interface ProvenAddressStore {
  load(): Promise<readonly ProvenAddress[]>
  save(addresses: readonly ProvenAddress[]): Promise<void>
}

// A validator asks every few minutes. A week bridges a long outage of ours or theirs.
const trustMs = 7 * dayMs
const maxRemembered = 4_096

/** Addresses from which a validator's valid signature has come. They keep their place when strangers crowd in. */
export class ProvenAddresses {
  readonly #clock: Clock
  readonly #atMs = new Map<string, number>()
  /** Rises with each new address and each hour of an old one, so that a keeper knows when to save. */
  version = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#atMs.size
  }

  has(ip: string): boolean {
    const provenAtMs = this.#atMs.get(callerNetwork(ip))
    return provenAtMs !== undefined && this.#clock.nowMs() - provenAtMs < trustMs
  }

  add(ip: string): void {
    this.#keep(callerNetwork(ip), this.#clock.nowMs())
  }

  restore(addresses: readonly ProvenAddress[]): void {
    const oldestFirst = [...addresses].sort((a, b) => a.provenAtMs - b.provenAtMs)
    for (const { network, provenAtMs } of oldestFirst) {
      if (this.#clock.nowMs() - provenAtMs < trustMs && !this.#atMs.has(network)) this.#keep(network, provenAtMs)
    }
  }

  all(): ProvenAddress[] {
    return [...this.#atMs].map(([network, provenAtMs]) => ({ network, provenAtMs }))
  }

  #keep(network: string, provenAtMs: number): void {
    const beforeMs = this.#atMs.get(network)
    if (beforeMs === undefined || provenAtMs - beforeMs > saveStepMs) this.version += 1
    // Deleted first, so that the map stays in order of time and the oldest entry is dropped.
    this.#atMs.delete(network)
    this.#atMs.set(network, provenAtMs)
    if (this.#atMs.size <= maxRemembered) return
    const oldest = this.#atMs.keys().next()
    if (oldest.done !== true) this.#atMs.delete(oldest.value)
  }
}

const saveStepMs = dayMs / 24
