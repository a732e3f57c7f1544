import type { SchemeName } from './auth-scheme.ts'
import type { NonceEntry, NonceFloor, NonceOwner, NonceRecord, NonceStore } from './nonce-store.ts'

export interface NonceBookRules {
  readonly receiver: string
  /** At least the longest age that the scheme's window can allow. */
  readonly retentionNs: bigint
  /** The largest number of stored lanes per sender. Beyond it the oldest lane is forgotten and the floor is raised. */
  readonly maxLanesPerSender: number
  /** Why the clock is not trusted: nothing is forgotten by age then. Undefined when it is. */
  readonly doubt: () => string | undefined
}

export interface NonceKey {
  readonly scheme: SchemeName
  readonly sender: string
  readonly lane: string
}

export type NonceRefusal = 'nonce_from_before' | 'nonce_replayed'

interface SenderRecord extends NonceOwner {
  floorNs: bigint
  readonly lanes: Map<string, bigint>
}

const pruneEveryNs = 60_000_000_000n

/**
 * The nonces that one of our hotkeys has taken. Within a lane they rise. A forgotten lane leaves a floor, and no nonce
 * at or below it is taken again, even if the clock jumps. `take` decides at once and in memory, so of ten requests with
 * one nonce exactly one wins, whatever the disk does. After a restart the records decide, and the floor of all where
 * they may be incomplete.
 */
export class NonceBook {
  readonly #store: NonceStore
  readonly #rules: NonceBookRules
  readonly #senders = new Map<string, SenderRecord>()
  #prunedAtNs: bigint | undefined

  private constructor(store: NonceStore, rules: NonceBookRules) {
    this.#store = store
    this.#rules = rules
  }

  static async open(store: NonceStore, rules: NonceBookRules): Promise<NonceBook> {
    const { entries, floors } = await store.load(rules.receiver)
    const book = new NonceBook(store, rules)
    for (const entry of entries) book.#record(entry).lanes.set(entry.lane, entry.nonceNs)
    for (const floor of floors) book.#record(floor).floorNs = floor.floorNs
    return book
  }

  /**
   * Why the nonce cannot be taken; undefined if it can. One from before this start may have been answered, with no record
   * of it left.
   */
  refusalOf(key: NonceKey, nonceNs: bigint): NonceRefusal | undefined {
    if (nonceNs <= this.#store.floorNs()) return 'nonce_from_before'
    const record = this.#senders.get(recordKey(key))
    if (record === undefined || nonceNs > (record.lanes.get(key.lane) ?? record.floorNs)) return undefined
    return 'nonce_replayed'
  }

  /** Call it only after the signature is verified. */
  take(
    key: NonceKey,
    nonceNs: bigint,
    nowNs: bigint,
  ):
    | { readonly taken: true; readonly record: NonceRecord }
    | { readonly taken: false; readonly refusal: NonceRefusal } {
    const refusal = this.refusalOf(key, nonceNs)
    if (refusal !== undefined) return { taken: false, refusal }
    const sender = this.#record({ receiver: this.#rules.receiver, scheme: key.scheme, sender: key.sender })
    sender.lanes.set(key.lane, nonceNs)
    const record = this.#store.save({ ...ownerOf(sender), lane: key.lane, nonceNs })
    const forgotten = [...(sender.lanes.size > this.#rules.maxLanesPerSender ? oldestOf(sender) : [])]
    if (this.#isPruneDue(nowNs)) forgotten.push(...this.#stale(nowNs))
    this.#forget(forgotten)
    return { taken: true, record }
  }

  /** Forgets nonces that the window refuses anyway. */
  prune(nowNs: bigint): void {
    if (this.#rules.doubt() === undefined) this.#forget(this.#stale(nowNs))
  }

  #isPruneDue(nowNs: bigint): boolean {
    const isDue = this.#prunedAtNs === undefined || nowNs - this.#prunedAtNs > pruneEveryNs
    return isDue && this.#rules.doubt() === undefined
  }

  *#stale(nowNs: bigint): Generator<NonceEntry> {
    this.#prunedAtNs = nowNs
    for (const record of this.#senders.values()) {
      for (const [lane, nonceNs] of record.lanes) {
        if (nowNs - nonceNs > this.#rules.retentionNs) yield { ...ownerOf(record), lane, nonceNs }
      }
    }
  }

  #forget(stale: Iterable<NonceEntry>): void {
    const entries = [...stale]
    if (entries.length === 0) return
    const raised = new Map<string, NonceFloor>()
    for (const entry of entries) {
      const record = this.#record(entry)
      record.lanes.delete(entry.lane)
      if (entry.nonceNs > record.floorNs) record.floorNs = entry.nonceNs
      raised.set(recordKey(entry), { ...ownerOf(record), floorNs: record.floorNs })
    }
    this.#store.raise([...raised.values()])
  }

  #record(owner: NonceOwner): SenderRecord {
    const key = recordKey(owner)
    let record = this.#senders.get(key)
    if (record === undefined) {
      record = { ...ownerOf(owner), floorNs: 0n, lanes: new Map() }
      this.#senders.set(key, record)
    }
    return record
  }
}

function recordKey(owner: { readonly scheme: SchemeName; readonly sender: string }): string {
  return `${owner.scheme}:${owner.sender}`
}

function ownerOf(owner: NonceOwner): NonceOwner {
  return { receiver: owner.receiver, scheme: owner.scheme, sender: owner.sender }
}

function* oldestOf(record: SenderRecord): Generator<NonceEntry> {
  let oldest: [string, bigint] | undefined
  for (const lane of record.lanes) if (oldest === undefined || lane[1] < oldest[1]) oldest = lane
  if (oldest !== undefined) yield { ...ownerOf(record), lane: oldest[0], nonceNs: oldest[1] }
}
