import { type AdmissionRules, admit } from './admission.ts'
import type { MetagraphView } from './metagraph-view.ts'

export interface IpAllowListRules {
  /**
   * off: any address; fixed: the listed ones; metagraph: the listed ones and those that admitted validators publish.
   */
  readonly mode: 'off' | 'fixed' | 'metagraph'
  readonly listed: readonly string[]
}

/** Published addresses follow the metagraph. An empty list never locks everybody out. */
export class IpAllowList {
  readonly #metagraph: MetagraphView
  readonly #rules: IpAllowListRules
  readonly #admission: AdmissionRules
  readonly #listed: ReadonlySet<string>
  #allowed: ReadonlySet<string>
  #version: number | undefined

  constructor(metagraph: MetagraphView, rules: IpAllowListRules, admission: AdmissionRules) {
    this.#metagraph = metagraph
    this.#rules = rules
    this.#admission = admission
    this.#listed = new Set(rules.listed.map(plainIp))
    this.#allowed = this.#listed
  }

  allows(ip: string): boolean {
    if (this.#rules.mode === 'off') return true
    if (this.#rules.mode === 'metagraph') this.#follow()
    return this.#allowed.size === 0 || this.#allowed.has(plainIp(ip))
  }

  #follow(): void {
    const version = this.#metagraph.version()
    if (version === this.#version) return
    const published = [...this.#metagraph.neurons()]
      .filter((neuron) => neuron.axonIp !== '0.0.0.0' && admit(this.#metagraph, neuron.hotkey, this.#admission).ok)
      .map((neuron) => plainIp(neuron.axonIp))
    // A snapshot without any validator is probably a fault, so the previous addresses stay.
    if (published.length > 0) this.#allowed = new Set([...this.#listed, ...published])
    this.#version = version
  }
}

/** A dual-stack socket shows IPv4 peers as ::ffff:1.2.3.4. */
export function plainIp(ip: string): string {
  return ip.startsWith('::ffff:') ? ip.slice(7) : ip
}
