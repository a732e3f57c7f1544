export interface NetworkPreset {
  readonly endpoints: readonly string[]
  /** Undefined for a chain of one's own: the operator names it. */
  readonly genesisHash: string | undefined
  /** Stake of a validator that counts there; nobody has 65,000 on a test network. */
  readonly minStakeTao: number
}

/** The chains that people mine on. All run the same runtime, `node-subtensor`. */
export const networks = {
  finney: {
    endpoints: [
      'wss://entrypoint-finney.opentensor.ai:443',
      'wss://lite.chain.opentensor.ai:443',
      'wss://lite.sub.latent.to:443',
    ],
    genesisHash: '0x2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03',
    minStakeTao: 65_000,
  },
  test: {
    endpoints: ['wss://test.finney.opentensor.ai:443'],
    genesisHash: '0x8f9cf856bf558a14440e75569c9e58594757048d7b3a84b5d25f6bd978263105',
    minStakeTao: 0,
  },
  local: { endpoints: ['ws://127.0.0.1:9944'], genesisHash: undefined, minStakeTao: 0 },
} as const satisfies Record<string, NetworkPreset>

export type NetworkName = keyof typeof networks

/** The subnet of a module on each of these chains. */
export type Netuids = Readonly<Record<NetworkName, number>>

export const subtensorSpecName = 'node-subtensor'
