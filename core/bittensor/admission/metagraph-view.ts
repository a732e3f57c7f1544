/** One neuron of the subnet, with only what the axon needs. */
export interface NeuronSummary {
  readonly uid: number
  readonly hotkey: string
  readonly stakeTao: number
  readonly hasPermit: boolean
  /** '0.0.0.0' while it serves nothing. */
  readonly axonIp: string
}

/** The newest metagraph that the chain client holds. It is refreshed in the background and read on every request. */
export interface MetagraphView {
  /** Age of the snapshot, or undefined while there is none. */
  ageMs(): number | undefined
  /** Changes with the snapshot, so that derived values can be kept until then. */
  version(): number
  neuron(hotkey: string): NeuronSummary | undefined
  neurons(): Iterable<NeuronSummary>
  /** The uid of one of our own hotkeys; undefined when it is not registered. */
  ownUid(hotkey: string): number | undefined
}
