import { callerNetwork, plainIp } from '../addresses/ip-ranges.ts'
import { type AdmissionRules, admit } from './admission.ts'
import type { MetagraphView } from './metagraph-view.ts'

/** Where the validators that may ask say on chain that they are. Many run with their axon off and say nothing. */
export class AnnouncedAddresses {
  readonly #metagraph: MetagraphView
  readonly #rules: AdmissionRules
  #networks: ReadonlySet<string> = new Set()
  #silentValidators = 0
  #version: number | undefined

  constructor(metagraph: MetagraphView, rules: AdmissionRules) {
    this.#metagraph = metagraph
    this.#rules = rules
  }

  get isEmpty(): boolean {
    this.#follow()
    return this.#networks.size === 0
  }

  get count(): number {
    this.#follow()
    return this.#networks.size
  }

  /** Validators that may ask and announce no address. */
  get silentValidators(): number {
    this.#follow()
    return this.#silentValidators
  }

  includes(ip: string): boolean {
    this.#follow()
    return this.#networks.has(callerNetwork(ip))
  }

  #follow(): void {
    const version = this.#metagraph.version()
    if (version === this.#version) return
    this.#version = version
    const admitted = [...this.#metagraph.neurons()].filter(
      (neuron) => admit(this.#metagraph, neuron.hotkey, this.#rules).ok,
    )
    const announced = admitted.filter((neuron) => neuron.axonIp !== '0.0.0.0')
    // A snapshot without any validator is probably a fault, so the previous addresses stay.
    if (announced.length === 0) return
    this.#networks = new Set(announced.map((neuron) => callerNetwork(plainIp(neuron.axonIp))))
    this.#silentValidators = admitted.length - announced.length
  }
}
