import type { Clock } from '#core/base/time/clock'
import type { MetagraphView } from '../admission/metagraph-view.ts'
import type { MetagraphSnapshot, MetagraphSource, Neuron } from './metagraph.ts'
import type { Registration } from './registration.ts'

/** What admission asks of the chain on every request, answered from the newest snapshot without a search. */
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

  /** Changes whenever the snapshot does, so that what is derived from it can be kept. */
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

  /** The place of one of our own hotkeys. Until the chain could be asked, the stored snapshot answers. */
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
