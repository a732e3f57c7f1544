import type { Clock } from '#core/base/time/clock'
import { dayMs } from '#core/base/time/units'
import { callerNetwork } from '../addresses/ip-ranges.ts'

export interface ProvenAddress {
  /** An IPv4 address or the /64 network of an IPv6 address. */
  readonly network: string
  /** Whose signature it was; empty where an older release did not write it down. */
  readonly hotkey: string
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
/** A validator asks from one address or a few. */
const maxPerHotkey = 32
const maxHotkeys = 256
const saveStepMs = dayMs / 24

/**
 * Addresses from which a validator's valid signature has come. They keep their place when strangers crowd in. Each hotkey
 * has room of its own: one that asks from ever new addresses pushes out its own, and nobody else's.
 */
export class ProvenAddresses {
  readonly #clock: Clock
  /** When each network was last proven, by hotkey. Both maps stay in order of time, so the oldest entry is the first. */
  readonly #byHotkey = new Map<string, Map<string, number>>()
  /** Rises with each new address and each hour of an old one, so that a keeper knows when to save. */
  version = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.all().length
  }

  has(ip: string): boolean {
    const network = callerNetwork(ip)
    const nowMs = this.#clock.nowMs()
    for (const networks of this.#byHotkey.values()) {
      const provenAtMs = networks.get(network)
      if (provenAtMs !== undefined && nowMs - provenAtMs < trustMs) return true
    }
    return false
  }

  add(ip: string, hotkey: string): void {
    this.#keep({ network: callerNetwork(ip), hotkey, provenAtMs: this.#clock.nowMs() })
  }

  restore(addresses: readonly ProvenAddress[]): void {
    const oldestFirst = [...addresses].sort((a, b) => a.provenAtMs - b.provenAtMs)
    for (const address of oldestFirst) {
      const isKnown = this.#byHotkey.get(address.hotkey)?.has(address.network) === true
      if (!isKnown && this.#clock.nowMs() - address.provenAtMs < trustMs) this.#keep(address)
    }
  }

  all(): ProvenAddress[] {
    return [...this.#byHotkey].flatMap(([hotkey, networks]) =>
      [...networks].map(([network, provenAtMs]) => ({ network, hotkey, provenAtMs })),
    )
  }

  #keep({ network, hotkey, provenAtMs }: ProvenAddress): void {
    const networks = this.#byHotkey.get(hotkey) ?? new Map<string, number>()
    const beforeMs = networks.get(network)
    if (beforeMs === undefined || provenAtMs - beforeMs > saveStepMs) this.version += 1
    putLast(networks, network, provenAtMs, maxPerHotkey)
    putLast(this.#byHotkey, hotkey, networks, maxHotkeys)
  }
}

function putLast<V>(map: Map<string, V>, key: string, value: V, maxSize: number): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= maxSize) return
  const oldest = map.keys().next()
  if (oldest.done !== true) map.delete(oldest.value)
}
