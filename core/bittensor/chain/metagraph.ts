/** One uid of the subnet at one block. A field is undefined where the runtime no longer has it under that name. */
export interface Neuron {
  readonly uid: number
  readonly hotkey: string
  readonly coldkey: string | undefined
  /** Total stake with inherited shares: the number that validators' minimum is compared with. */
  readonly stakeTao: number
  readonly alphaStakeTao: number | undefined
  readonly taoStakeTao: number | undefined
  readonly hasPermit: boolean
  /** "0.0.0.0" for a hotkey that serves no axon, or where the runtime does not tell. */
  readonly axonIp: string
  readonly axonPort: number
  /** The block of its last announcement. */
  readonly axonBlock: number
  readonly lastUpdateBlock: number | undefined
  readonly registeredAtBlock: number | undefined
  /** Alpha of the last epoch. */
  readonly emissionAlpha: number | undefined
  /** Shares of one. */
  readonly incentive: number | undefined
  readonly dividends: number | undefined
}

/** The subnet at one block. The hotkey of a uid may change: always compare hotkeys. */
export interface MetagraphSnapshot {
  readonly netuid: number
  readonly genesisHash: string
  readonly specVersion: number
  readonly block: number
  readonly takenAtMs: number
  /** Ordered by uid, without gaps. */
  readonly neurons: readonly Neuron[]
}

export interface MetagraphSource {
  /** The newest accepted snapshot; undefined before the first. */
  current(): MetagraphSnapshot | undefined
}

/** Stores the newest snapshot of each subnet, for restarts and outages. */
export interface MetagraphStore {
  save(snapshot: MetagraphSnapshot): void | Promise<void>
  latest(netuid: number, genesisHash: string): MetagraphSnapshot | undefined
}
