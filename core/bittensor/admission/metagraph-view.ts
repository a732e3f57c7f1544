/** One neuron of the subnet, as far as the axon must know it. */
export interface Neuron {
  readonly uid: number
  readonly hotkey: string
  readonly stakeTao: number
  readonly hasPermit: boolean
  /** '0.0.0.0' while it serves nothing. */
  readonly axonIp: string
}

/** The newest metagraph that the chain client holds; refreshed behind it, read on every request. */
export interface MetagraphView {
  /** Age of the snapshot, or undefined while there is none. */
  ageMs(): number | undefined
  /** Changes whenever the snapshot does, so that what is derived from it can be kept. */
  version(): number
  neuron(hotkey: string): Neuron | undefined
  neurons(): Iterable<Neuron>
  /** The uid of one of our own hotkeys; undefined when it is not registered. */
  ownUid(hotkey: string): number | undefined
}
