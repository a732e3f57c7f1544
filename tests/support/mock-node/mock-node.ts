import { decodeAddress } from '@polkadot/util-crypto'
import { type MockBlock, MockChain } from './mock-chain.ts'
import { MockPool, type PoolView } from './mock-pool.ts'
import { type Handler, MockRpcServer, RpcRefusal, Topic } from './rpc-server.ts'
import type { MockRuntime } from './runtime.ts'
import { compact, littleEndian } from './scale-bytes.ts'
import { decodeAxon, encodeAxon, encodeSelectiveMetagraph, type MockAxon, type MockNeuron } from './subnet.ts'

export interface MockNodeOptions {
  readonly runtime: MockRuntime
  readonly genesisHash?: string
  readonly specName?: string
  readonly netuid?: number
  readonly rateLimitBlocks?: number
  readonly neurons?: readonly MockNeuron[]
  /** How refusals are written: as a node writes them, or as chopsticks does. */
  readonly dialect?: 'node' | 'chopsticks'
  readonly nowMs?: () => number
}

export const mockGenesis = `0x${'45'.repeat(32)}`

/**
 * A subtensor node made of metadata and rules: it serves what a miner reads, takes serve_axon by the refusals of the
 * real runtime, and makes blocks when the test says so.
 */
export class MockNode implements PoolView {
  readonly server: MockRpcServer
  readonly pool: MockPool
  readonly chain: MockChain
  readonly netuid: number
  runtime: MockRuntime
  neurons: readonly MockNeuron[]
  specName: string
  rateLimitBlocks: number
  /** A transaction makes the block that holds it; else the next block does. */
  isInstant = true
  isSyncing = false
  /** Lets a test spoil the answer of the metagraph: `null` is no answer, rows cut columns by their index. */
  spoilMetagraph: (answer: Buffer) => Buffer | null = (answer) => answer
  cutColumns: Readonly<Record<number, number>> = {}
  readonly #nowMs: () => number
  readonly #heads = new Topic('chain_newHead')
  readonly #versions = new Topic('state_runtimeVersion')
  #keys = new Map<string, string>()

  private constructor(options: MockNodeOptions) {
    this.runtime = options.runtime
    this.netuid = options.netuid ?? 50
    this.specName = options.specName ?? options.runtime.specName
    this.rateLimitBlocks = options.rateLimitBlocks ?? 50
    this.neurons = options.neurons ?? []
    this.#nowMs = options.nowMs ?? (() => Date.now())
    this.pool = new MockPool(options.dialect ?? 'node')
    this.chain = new MockChain({ genesisHash: options.genesisHash ?? mockGenesis, timestampMs: this.#nowMs() })
    this.chain.patch([...this.#registrations(), this.#timestamp(this.#nowMs())])
    this.server = new MockRpcServer(this.#handlers(), 0)
  }

  static async start(options: MockNodeOptions): Promise<MockNode> {
    const node = new MockNode(options)
    await node.server.listen()
    return node
  }

  get url(): string {
    return this.server.url
  }

  produceBlock(timestampMs = this.#nowMs()): void {
    const included = this.pool.takeAll()
    const block = this.chain.best.number + 1
    const { hash } = this.chain.add(timestampMs, [
      this.#timestamp(timestampMs),
      ...included.map(({ call, signer }) => [this.#axonKey(signer), hexOf(encodeAxon({ ...call, block }))] as const),
    ])
    this.#heads.tell(this.#header(this.chain.best))
    for (const { tell } of included) tell({ inBlock: hash })
  }

  produceBlocks(count: number): void {
    for (let i = 0; i < count; i += 1) this.produceBlock()
  }

  /** Throws the newest blocks away and makes one block more than that on another fork. */
  reorg(depth: number): void {
    this.chain.dropNewest(depth)
    this.pool.forgetNonces()
    this.produceBlocks(depth + 1)
  }

  /** Replaces the runtime, as a chain does in one block. */
  upgradeTo(runtime: MockRuntime): void {
    const axons = this.neurons.map(({ hotkey }) => [hotkey, this.axonOf(hotkey)] as const)
    this.runtime = runtime
    this.#keys = new Map()
    this.chain.patch(this.#registrations())
    for (const [hotkey, axon] of axons) this.setAxon(hotkey, axon)
    this.#versions.tell(this.#runtimeVersion())
    this.produceBlock()
  }

  /** The registered neurons from now on. A neuron that is missing loses its place and its announcement. */
  setNeurons(neurons: readonly MockNeuron[]): void {
    for (const { hotkey } of this.neurons) {
      if (neurons.some((neuron) => neuron.hotkey === hotkey)) continue
      this.chain.patch([[this.#uidKey(hotkey), undefined]])
      this.setAxon(hotkey, undefined)
    }
    this.neurons = neurons
    this.chain.patch(this.#registrations())
  }

  /** Loses one entry of its state, as a node with a damaged disk does. */
  forgetUid(hotkey: string): void {
    this.chain.patch([[this.#uidKey(hotkey), undefined]])
  }

  setAxon(hotkey: string, axon: MockAxon | undefined): void {
    this.chain.patch([[this.#axonKey(hotkey), axon === undefined ? undefined : hexOf(encodeAxon(axon))]])
  }

  axonOf(hotkey: string, state: ReadonlyMap<string, string> = this.chain.best.state): MockAxon | undefined {
    const hex = state.get(this.#axonKey(hotkey))
    return hex === undefined ? undefined : decodeAxon(Buffer.from(hex.slice(2), 'hex'))
  }

  isRegistered(hotkey: string): boolean {
    return this.neurons.some((neuron) => neuron.hotkey === hotkey)
  }

  #handlers(): Readonly<Record<string, Handler>> {
    return {
      chain_getBlockHash: ([number]) => this.#hashOf(number),
      chain_getHeader: ([hash]) => this.#header(this.#blockAt(hash)),
      chain_getFinalizedHead: () => (this.chain.byNumber(this.chain.best.number - 2) ?? this.chain.best).hash,
      chain_subscribeNewHeads: (_, caller) => this.#heads.join(caller, () => this.#header(this.chain.best)),
      chain_unsubscribeNewHeads: () => true,
      state_getRuntimeVersion: () => this.#runtimeVersion(),
      state_subscribeRuntimeVersion: (_, caller) => this.#versions.join(caller, () => this.#runtimeVersion()),
      state_unsubscribeRuntimeVersion: () => true,
      state_getMetadata: () => hexOf(this.runtime.metadata),
      state_getStorage: ([key, at]) => this.#blockAt(at).state.get(String(key)) ?? null,
      state_call: ([method, params, at]) => this.#call(String(method), Buffer.from(String(params).slice(2), 'hex'), at),
      system_chain: () => 'Bittensor',
      system_health: () => ({ peers: 8, isSyncing: this.isSyncing, shouldHavePeers: true }),
      system_properties: () => ({ ss58Format: 42, tokenDecimals: 9, tokenSymbol: 'TAO' }),
      author_submitAndWatchExtrinsic: ([hex], caller) => {
        const { id, tell } = caller.subscribe('author_extrinsicUpdate')
        this.pool.submit(String(hex), this, tell)
        setImmediate(() => {
          tell('ready')
          if (this.isInstant) this.produceBlock()
        })
        return id
      },
      author_unwatchExtrinsic: () => true,
    }
  }

  #call(method: string, params: Buffer, at: unknown): string | null {
    switch (method) {
      case 'Metadata_metadata_versions':
        return hexOf(Buffer.concat([compact(1), littleEndian(this.runtime.metadataVersion, 4)]))
      case 'Metadata_metadata_at_version': {
        const { metadata } = this.runtime
        return hexOf(Buffer.concat([Buffer.from([1]), compact(metadata.length), metadata]))
      }
      case 'AccountNonceApi_account_nonce': {
        const asked = params.toString('hex')
        const signer = this.neurons.find(({ hotkey }) => Buffer.from(decodeAddress(hotkey)).toString('hex') === asked)
        return hexOf(littleEndian(signer === undefined ? 0 : this.pool.nonceOf(signer.hotkey), 4))
      }
      case 'SubnetInfoRuntimeApi_get_selective_metagraph':
        return this.#metagraph(params, this.#blockAt(at))
      default:
        throw new RpcRefusal(-32_603, `no runtime call ${method}`)
    }
  }

  #metagraph(params: Buffer, { number: block, state }: MockBlock): string | null {
    if (params.readUInt16LE(0) !== this.netuid) return '0x00'
    const indexes = Array.from({ length: params[2]! >> 2 }, (_, i) => params.readUInt16LE(3 + 2 * i))
    const axonOf = (hotkey: string): MockAxon | undefined => this.axonOf(hotkey, state)
    const { neurons, cutColumns } = this
    const answer = this.spoilMetagraph(encodeSelectiveMetagraph(neurons, { block, indexes, axonOf, cutColumns }))
    return answer === null ? null : hexOf(answer)
  }

  #runtimeVersion(): object {
    const { specVersion, transactionVersion, metadataVersion } = this.runtime
    return {
      specName: this.specName,
      implName: 'node-subtensor',
      authoringVersion: 1,
      specVersion,
      implVersion: 1,
      // Core, AccountNonceApi; Metadata where it is new enough to be asked for a version.
      apis: [
        ['0xdf6acb689907609b', 5],
        ['0xbc9d89904f5b923f', 1],
        ...(metadataVersion >= 15 ? [['0x37e397fc7c91f5e4', 2]] : []),
      ],
      transactionVersion,
      stateVersion: 1,
    }
  }

  #hashOf(number: unknown): string | null {
    if (number === undefined || number === null) return this.chain.best.hash
    if (number === 0) return this.chain.genesisHash
    return this.chain.byNumber(Number(number))?.hash ?? null
  }

  #blockAt(hash: unknown): MockBlock {
    const block = typeof hash === 'string' ? this.chain.byHash(hash) : this.chain.best
    if (block === undefined) throw new RpcRefusal(4_003, `State already discarded for ${hash}`)
    return block
  }

  #header({ number, parentHash, stateRoot }: MockBlock): object {
    const extrinsicsRoot = `0x${'00'.repeat(32)}`
    return { number: `0x${number.toString(16)}`, parentHash, stateRoot, extrinsicsRoot, digest: { logs: [] } }
  }

  #registrations(): (readonly [string, string])[] {
    const rateLimitKey = this.#key('subtensorModule', 'servingRateLimit', this.netuid)
    return [
      ...this.neurons.map(({ hotkey }, uid) => [this.#uidKey(hotkey), hexOf(littleEndian(uid, 2))] as const),
      [rateLimitKey, hexOf(littleEndian(this.rateLimitBlocks, 8))],
    ]
  }

  #timestamp(timestampMs: number): readonly [string, string] {
    return [this.#key('timestamp', 'now'), hexOf(littleEndian(timestampMs, 8))]
  }

  #uidKey(hotkey: string): string {
    return this.#key('subtensorModule', 'uids', this.netuid, hotkey)
  }

  #axonKey(hotkey: string): string {
    return this.#key('subtensorModule', 'axons', this.netuid, hotkey)
  }

  #key(pallet: string, item: string, ...parts: readonly unknown[]): string {
    const name = `${pallet}.${item}(${parts.join()})`
    const key = this.#keys.get(name) ?? this.runtime.keyOf(pallet, item, ...parts)
    this.#keys.set(name, key)
    return key
  }
}

function hexOf(bytes: Buffer): string {
  return `0x${bytes.toString('hex')}`
}
