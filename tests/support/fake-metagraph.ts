import type { MetagraphView, NeuronSummary } from '#core/bittensor/admission/metagraph-view'

/** A metagraph that the test writes. */
export class FakeMetagraph implements MetagraphView {
  snapshotAgeMs: number | undefined = 0
  readonly #neurons = new Map<string, NeuronSummary>()
  readonly #own = new Map<string, number>()
  #version = 0

  ageMs(): number | undefined {
    return this.snapshotAgeMs
  }

  version(): number {
    return this.#version
  }

  neuron(hotkey: string): NeuronSummary | undefined {
    return this.#neurons.get(hotkey)
  }

  neurons(): Iterable<NeuronSummary> {
    return this.#neurons.values()
  }

  ownUid(hotkey: string): number | undefined {
    return this.#own.get(hotkey)
  }

  registerOwn(hotkey: string): void {
    this.#own.set(hotkey, this.#own.size)
  }

  deregisterOwn(hotkey: string): void {
    this.#own.delete(hotkey)
  }

  /** A permitted validator with ample stake, unless told otherwise. */
  add(hotkey: string, facts: Partial<NeuronSummary> = {}): void {
    const uid = 100 + this.#neurons.size
    this.#neurons.set(hotkey, { uid, hotkey, stakeTao: 100_000, hasPermit: true, axonIp: '0.0.0.0', ...facts })
    this.#version += 1
  }

  remove(hotkey: string): void {
    this.#neurons.delete(hotkey)
    this.#version += 1
  }
}
