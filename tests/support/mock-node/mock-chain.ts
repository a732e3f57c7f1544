import { blake2AsU8a } from '@polkadot/util-crypto'
import { compact, littleEndian } from './scale-bytes.ts'

export interface MockBlock {
  readonly number: number
  readonly hash: string
  readonly parentHash: string
  /** Tells forks apart; a real one would be the root of the state. */
  readonly stateRoot: string
  readonly timestampMs: number
  readonly state: ReadonlyMap<string, string>
}

type Changes = Iterable<readonly [key: string, value: string | undefined]>

/** A row of blocks with the state after each, and forks that throw some of them away. */
export class MockChain {
  readonly genesisHash: string
  readonly #blocks: MockBlock[] = []
  readonly #keep: number
  #salt = 0

  constructor(options: { genesisHash: string; firstBlock?: number; timestampMs: number; keep?: number }) {
    this.genesisHash = options.genesisHash
    this.#keep = options.keep ?? 300
    this.#append(options.firstBlock ?? 1_000, options.genesisHash, options.timestampMs, new Map())
    // A few ancestors, since clients look at parents and at finalised blocks.
    for (let i = 0; i < 4; i += 1) this.add(options.timestampMs)
  }

  get best(): MockBlock {
    return this.#blocks.at(-1)!
  }

  /** Changes the state of the newest block in place, as a privileged tool would. */
  patch(changes: Changes): void {
    const newest = this.best
    this.#blocks[this.#blocks.length - 1] = { ...newest, state: changed(newest.state, changes) }
  }

  add(timestampMs: number, changes: Changes = []): MockBlock {
    const { number, hash, state } = this.best
    this.#append(number + 1, hash, timestampMs, changed(state, changes))
    if (this.#blocks.length > this.#keep) this.#blocks.shift()
    return this.best
  }

  /** Throws the newest blocks away, and what happened in them. */
  dropNewest(count: number): void {
    this.#blocks.splice(Math.max(1, this.#blocks.length - count))
  }

  byHash(hash: string): MockBlock | undefined {
    return this.#blocks.find((block) => block.hash === hash)
  }

  byNumber(number: number): MockBlock | undefined {
    return this.#blocks.find((block) => block.number === number)
  }

  #append(number: number, parentHash: string, timestampMs: number, state: ReadonlyMap<string, string>): void {
    this.#salt += 1
    const stateRoot = `0x${littleEndian(this.#salt, 32).toString('hex')}`
    const hash = headerHash({ parentHash, number, stateRoot })
    this.#blocks.push({ number, hash, parentHash, stateRoot, timestampMs, state })
  }
}

/** As clients compute it: parent, number, state root, extrinsics root, no digest. */
function headerHash(header: { parentHash: string; number: number; stateRoot: string }): string {
  const bytes = (hex: string): Buffer => Buffer.from(hex.slice(2), 'hex')
  const encoded = [
    bytes(header.parentHash),
    compact(header.number),
    bytes(header.stateRoot),
    Buffer.alloc(32),
    compact(0),
  ]
  return `0x${Buffer.from(blake2AsU8a(Buffer.concat(encoded), 256)).toString('hex')}`
}

function changed(state: ReadonlyMap<string, string>, changes: Changes): ReadonlyMap<string, string> {
  const next = new Map(state)
  for (const [key, value] of changes) {
    if (value === undefined) next.delete(key)
    else next.set(key, value)
  }
  return next
}
