/** One place of the subnet at one block. */
export interface Neuron {
  readonly uid: number
  readonly hotkey: string
  readonly coldkey: string
  /** Total stake with inherited shares, the number that validators' floors are compared with. */
  readonly stakeTao: number
  readonly alphaStakeTao: number
  readonly taoStakeTao: number
  readonly hasPermit: boolean
  /** "0.0.0.0" for a hotkey that serves nowhere. */
  readonly axonIp: string
  readonly axonPort: number
  /** Of its last announcement. */
  readonly axonBlock: number
  readonly lastUpdateBlock: number
  readonly registeredAtBlock: number
  /** Alpha of the last epoch. */
  readonly emissionAlpha: number
  /** Shares of one. */
  readonly incentive: number
  readonly dividends: number
}

/** The subnet as it was at one block. Uids are places, not people: always compare hotkeys. */
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

/** Keeps the newest snapshot of each subnet over a restart and an outage. */
export interface MetagraphStore {
  save(snapshot: MetagraphSnapshot): void
  latest(netuid: number, genesisHash: string): MetagraphSnapshot | undefined
}
