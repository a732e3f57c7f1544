import type { Clock } from '#core/base/time/clock'
import type { MetagraphView } from '../admission/metagraph-view.ts'
import type { MetagraphSnapshot, MetagraphSource, Neuron } from './metagraph.ts'
import type { Registration } from './registration.ts'

/** Answers admission's questions about the chain on every request from the newest snapshot, without a search. */
export class MetagraphIndex implements MetagraphView {
  readonly #clock: Clock
  readonly #chain: MetagraphSource & { registration(address: string): Registration }
  #indexed: MetagraphSnapshot | undefined
  #byHotkey: ReadonlyMap<string, Neuron> = new Map()
  #version = 0

  constructor(deps: { clock: Clock; chain: MetagraphSource & { registration(address: string): Registration } }) {
    this.#clock = deps.clock
    this.#chain = deps.chain
  }

  /** Undefined while there is none. */
  ageMs(): number | undefined {
    const snapshot = this.#chain.current()
    return snapshot === undefined ? undefined : Math.max(0, this.#clock.nowMs() - snapshot.takenAtMs)
  }

  /** Changes with the snapshot, so that derived values can be kept until then. */
  version(): number {
    this.#index()
    return this.#version
  }

  neuron(hotkey: string): Neuron | undefined {
    return this.#index().get(hotkey)
  }

  neurons(): Iterable<Neuron> {
    return this.#index().values()
  }

  /** The uid of one of our own hotkeys. The stored snapshot answers until the chain has been asked. */
  ownUid(hotkey: string): number | undefined {
    const registration = this.#chain.registration(hotkey)
    switch (registration.state) {
      case 'registered':
        return registration.uid
      case 'deregistered':
        return undefined
      case 'unknown':
        return this.neuron(hotkey)?.uid
    }
  }

  #index(): ReadonlyMap<string, Neuron> {
    const snapshot = this.#chain.current()
    if (snapshot !== this.#indexed) {
      this.#indexed = snapshot
      this.#byHotkey = new Map(snapshot?.neurons.map((neuron) => [neuron.hotkey, neuron]))
      this.#version += 1
    }
    return this.#byHotkey
  }
}
