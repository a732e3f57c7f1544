import { describe, expect, it } from 'vitest'
import type { Database } from '#adapters/sqlite/database'
import { emptyBodyHash } from '#core/bittensor/admission/body-hash'
import { Gatekeeper } from '#core/bittensor/admission/gatekeeper'
import { NonceBook } from '#core/bittensor/admission/nonce-book'
import type {
  NonceEntry,
  NonceFloor,
  NonceRecord,
  NonceRecords,
  NonceStore,
} from '#core/bittensor/admission/nonce-store'
import { longestAgeNs, toNs } from '#core/bittensor/admission/nonce-window'
import { createV10Scheme } from '#core/bittensor/admission/v10-scheme'
import { KeptNonces } from '#daemon/nonces/kept-nonces'
import { budgetWith } from '#tests/support/admission-lab'
import { directWriter, MemoryMark } from '#tests/support/direct-nonces'
import { FakeMetagraph } from '#tests/support/fake-metagraph'
import { MemoryNonceStore } from '#tests/support/memory-nonce-store'
import { TestClock } from '#tests/support/test-clock'
import { openTestNonces } from '#tests/support/test-database'
import { TestLogger } from '#tests/support/test-logger'

/**
 * Every sequence of up to four actions, against a restatement of the rule that a person can check by eye. Signatures
 * are decided by the test, since what matters here is what is remembered about them.
 */
const nowMs = 1_779_710_402_000
const windowRules = { nonceGraceMs: 4_000, maxTimeoutMs: 120_000, nonceAheadMs: 4_000 }
const admission = { minStakeTao: 1_000, requirePermit: true, maxMetagraphAgeMs: 1_000 }
const nonces = [30, 20, 10].map((secondsAgo) => toNs(nowMs - secondsAgo * 1_000))
/** At this time the first two nonces are past remembering and the third is not. */
const pruneAtNs = toNs(nowMs + 109_000)

type Action =
  | { readonly kind: 'send'; readonly key: 0 | 1; readonly nonce: 0 | 1 | 2; readonly signatureHolds: boolean }
  | { readonly kind: 'restart' | 'prune' | 'togglePermit' }

const allActions: readonly Action[] = [
  ...([0, 1] as const).flatMap((key) =>
    ([0, 1, 2] as const).flatMap((nonce) =>
      [true, false].map((signatureHolds) => ({ kind: 'send', key, nonce, signatureHolds }) as const),
    ),
  ),
  { kind: 'restart' },
  { kind: 'prune' },
  { kind: 'togglePermit' },
]

interface Key {
  readonly sender: string
  readonly uuid: string
}

function* sequences(length: number, actions: readonly Action[]): Generator<readonly Action[]> {
  if (length === 0) {
    yield []
    return
  }
  for (const head of sequences(length - 1, actions)) for (const action of actions) yield [...head, action]
}

interface Taken {
  readonly key: number
  readonly nonce: number
  isForgotten: boolean
}

/** The rule in plain words: whatever was taken stays on a list, at most marked as forgotten. */
class PlainRule {
  readonly #keys: readonly [Key, Key]
  readonly #taken: Taken[] = []
  #isPermitted = true

  constructor(keys: readonly [Key, Key]) {
    this.#keys = keys
  }

  apply(action: Action): string {
    if (action.kind === 'send') return this.#send(action.key, action.nonce, action.signatureHolds)
    if (action.kind === 'togglePermit') this.#isPermitted = !this.#isPermitted
    if (action.kind === 'prune') for (const key of [0, 1]) this.#forgetIfOld(this.#takenBy(key))
    return 'done'
  }

  #send(key: number, nonce: number, signatureHolds: boolean): string {
    const { sender } = this.#keys[key]!
    if (sender === 'A' && !this.#isPermitted) return 'no_permit'
    const own = this.#takenBy(key)
    const isOnRecord = own.some((taken) => !taken.isForgotten)
    const forgotten = this.#taken.filter((taken) => taken.isForgotten && this.#keys[taken.key]!.sender === sender)
    const mustExceed = isOnRecord ? own : [...own, ...forgotten]
    if (mustExceed.some((taken) => taken.nonce >= nonce)) return 'nonce_replayed'
    if (!signatureHolds) return 'sig_invalid'
    this.#taken.push({ key, nonce, isForgotten: false })
    return 'accepted'
  }

  #takenBy(key: number): Taken[] {
    return this.#taken.filter((taken) => taken.key === key)
  }

  #forgetIfOld(own: Taken[]): void {
    const newest = Math.max(...own.map((taken) => taken.nonce))
    if (newest < 2) for (const taken of own) taken.isForgotten = true
  }
}

/** The real thing: book, gatekeeper and store, restarted as often as the sequence says. */
class RealRule {
  readonly #keys: readonly [Key, Key]
  readonly #store: NonceStore
  readonly #metagraph = new FakeMetagraph()
  #book!: NonceBook
  #gatekeeper!: Gatekeeper

  private constructor(keys: readonly [Key, Key], store: NonceStore) {
    this.#keys = keys
    this.#store = store
    this.#metagraph.registerOwn('us')
    this.#metagraph.add('A')
    this.#metagraph.add('B')
  }

  static async start(keys: readonly [Key, Key], store: NonceStore): Promise<RealRule> {
    const rule = new RealRule(keys, store)
    await rule.#restart()
    return rule
  }

  async apply(action: Action): Promise<string> {
    if (action.kind === 'send') return this.#send(action)
    if (action.kind === 'restart') await this.#restart()
    else if (action.kind === 'prune') this.#book.prune(pruneAtNs)
    else this.#metagraph.add('A', { hasPermit: !this.#metagraph.neuron('A')?.hasPermit })
    return 'done'
  }

  async #send(action: Extract<Action, { kind: 'send' }>): Promise<string> {
    const { sender, uuid } = this.#keys[action.key]!
    const headers = {
      timeout: '60.0',
      bt_header_dendrite_hotkey: sender,
      bt_header_dendrite_uuid: uuid,
      bt_header_dendrite_nonce: String(nonces[action.nonce]),
      bt_header_dendrite_signature: `0x${action.signatureHolds ? '01' : '00'}${'00'.repeat(63)}`,
      computed_body_hash: emptyBodyHash,
    }
    const checked = this.#gatekeeper.check({ method: 'POST', target: '/Simulation', headers }, '203.0.113.9')
    if (!checked.ok) return checked.refusal.code
    const proven = this.#gatekeeper.prove(checked.value, '203.0.113.9', '')
    if (!proven.ok) return proven.refusal.code
    await proven.value.beforeAnswer()
    return 'accepted'
  }

  async #restart(): Promise<void> {
    this.#book = await NonceBook.open(this.#store, {
      receiver: 'us',
      retentionNs: longestAgeNs(windowRules),
      maxLanesPerSender: 16,
      doubt: () => undefined,
    })
    const scheme = createV10Scheme(
      { decode: () => new Uint8Array(32) },
      { ...windowRules, bodyHashes: [emptyBodyHash] },
    )
    const clock = new TestClock(nowMs)
    this.#gatekeeper = new Gatekeeper(
      {
        clock,
        nonces: this.#book,
        verifier: { verify: (_message, signature) => signature[0] === 1 },
        // Without end: what it refuses is not the matter here.
        ...budgetWith(clock, { maxFailuresPerIp: 1e9, strangerChecksPerSecond: 1e9 }),
        metagraph: this.#metagraph,
        schemes: [scheme],
      },
      { ...admission, receiver: 'us' },
    )
  }
}

/** Loads what is in the file at each start. */
class FiledNonces implements NonceStore {
  readonly #db: Database
  #started!: KeptNonces

  constructor(db: Database) {
    this.#db = db
  }

  async load(receiver: string): Promise<NonceRecords> {
    this.#started = await KeptNonces.start(
      {
        clock: new TestClock(nowMs),
        log: new TestLogger(),
        writer: directWriter(this.#db),
        nowNs: () => toNs(nowMs),
        isTimeSure: () => true,
        complete: new MemoryMark(),
        near: new MemoryMark(),
        onBug: (error) => {
          throw error
        },
      },
      { lockedNs: () => 0n, aheadNs: 0n },
    )
    return this.#started.load(receiver)
  }

  floorNs(): bigint {
    return this.#started.floorNs()
  }

  save(entry: NonceEntry): NonceRecord {
    return this.#started.save(entry)
  }

  raise(floors: readonly NonceFloor[]): void {
    this.#started.raise(floors)
  }
}

async function countDifferences(
  keys: readonly [Key, Key],
  actions: readonly Action[],
  openStore: () => NonceStore,
): Promise<{ checked: number; accepted: number; differences: string[] }> {
  const differences: string[] = []
  let checked = 0
  let accepted = 0
  for (let length = 1; length <= 4; length += 1) {
    for (const sequence of sequences(length, actions)) {
      const real = await RealRule.start(keys, openStore())
      const plain = new PlainRule(keys)
      for (const [step, action] of sequence.entries()) {
        const expected = plain.apply(action)
        const outcome = await real.apply(action)
        if (outcome !== expected)
          differences.push(`${JSON.stringify(sequence)} at ${step}: ${outcome}, not ${expected}`)
        if (step === length - 1 && outcome === 'accepted') accepted += 1
      }
      checked += 1
    }
  }
  return { checked, accepted, differences }
}

const oneSender: readonly [Key, Key] = [
  { sender: 'A', uuid: 'x' },
  { sender: 'A', uuid: 'y' },
]
const twoSenders: readonly [Key, Key] = [
  { sender: 'A', uuid: 'x' },
  { sender: 'B', uuid: 'x' },
]
// 15 + 15^2 + 15^3 + 15^4 and 8 + 8^2 + 8^3 + 8^4 sequences.
const ofFifteen = 54_240
const ofEight = 4_680

describe('the nonce and admission rule, all sequences of up to four actions', () => {
  it('holds for two lanes of one sender', { timeout: 120_000 }, async () => {
    const result = await countDifferences(oneSender, allActions, () => new MemoryNonceStore())
    expect(result).toEqual({ checked: ofFifteen, accepted: 11_510, differences: [] })
  })

  it('holds for two senders', { timeout: 120_000 }, async () => {
    const result = await countDifferences(twoSenders, allActions, () => new MemoryNonceStore())
    expect(result).toEqual({ checked: ofFifteen, accepted: 13_066, differences: [] })
  })

  it('holds on a real database, for right signatures, restarts and prunes', { timeout: 120_000 }, async () => {
    const db = openTestNonces()
    // The rule is tested here, not the disk.
    db.pragma('synchronous = off')
    const remembered = allActions.filter((action) =>
      action.kind === 'send' ? action.signatureHolds : action.kind !== 'togglePermit',
    )
    const result = await countDifferences(oneSender, remembered, () => {
      db.exec('delete from nonces; delete from nonce_floors; delete from nonce_common_floor')
      return new FiledNonces(db)
    })
    expect(result).toEqual({ checked: ofEight, accepted: 1_556, differences: [] })
  })
})
