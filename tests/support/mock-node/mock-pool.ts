import type { MockChain } from './mock-chain.ts'
import { RpcRefusal, type Tell } from './rpc-server.ts'
import type { MockRuntime } from './runtime.ts'
import { judgeServe, type PoolVerdict, parseExtrinsic, type ServeCall } from './serve-rules.ts'
import type { MockAxon } from './subnet.ts'

export interface Submission {
  readonly signer: string
  readonly call: ServeCall | undefined
  readonly verdict: PoolVerdict
  readonly block: number
}

export interface PooledServe {
  readonly signer: string
  readonly call: ServeCall
  readonly nonce: number
  readonly tell: Tell
}

/** What the pool must know of the chain to judge a transaction. */
export interface PoolView {
  readonly chain: MockChain
  readonly runtime: MockRuntime
  readonly netuid: number
  readonly rateLimitBlocks: number
  isRegistered(hotkey: string): boolean
  axonOf(hotkey: string): MockAxon | undefined
}

/** Takes or refuses transactions by the rules of the real runtime, and keeps all of them for the test to see. */
export class MockPool {
  readonly submissions: Submission[] = []
  /** What is answered next instead of the pool's own verdict, once each. */
  readonly forcedVerdicts: PoolVerdict[] = []
  readonly #dialect: 'node' | 'chopsticks'
  readonly #nonces = new Map<string, number>()
  readonly #waiting: PooledServe[] = []

  constructor(dialect: 'node' | 'chopsticks') {
    this.#dialect = dialect
  }

  get acceptedCount(): number {
    return this.submissions.filter((submission) => submission.verdict.ok).length
  }

  nonceOf(hotkey: string): number {
    return this.#nonces.get(hotkey) ?? 0
  }

  submit(hex: string, view: PoolView, tell: Tell): void {
    const extrinsic = parseExtrinsic(hex, view.chain, view.runtime)
    const { signer, call, nonce } = extrinsic
    const block = view.chain.best.number
    const verdict =
      this.forcedVerdicts.shift() ??
      judgeServe(extrinsic, {
        netuid: view.netuid,
        isRegistered: view.isRegistered(signer),
        nextNonce: this.nonceOf(signer),
        block,
        previous: view.axonOf(signer),
        rateLimitBlocks: view.rateLimitBlocks,
      })
    this.submissions.push({ signer, call, verdict, block })
    if (!verdict.ok) throw this.#refusal(verdict)
    this.#waiting.push({ signer, call: call!, nonce, tell })
  }

  /** All that wait go into the block that is being made. */
  takeAll(): PooledServe[] {
    const taken = this.#waiting.splice(0)
    for (const { signer, nonce } of taken) this.#nonces.set(signer, nonce + 1)
    return taken
  }

  /** A reorganisation undoes the transactions of its blocks. */
  forgetNonces(): void {
    this.#nonces.clear()
  }

  #refusal(verdict: Exclude<PoolVerdict, { ok: true }>): RpcRefusal {
    if (this.#dialect === 'chopsticks') {
      const reason = 'custom' in verdict ? { custom: verdict.custom } : { [verdict.word]: null }
      return new RpcRefusal(1, `1010: ${JSON.stringify({ invalid: reason })}`)
    }
    const words = { stale: 'Transaction is outdated', badProof: 'Transaction has a bad signature' }
    const data = 'custom' in verdict ? `Custom error: ${verdict.custom}` : words[verdict.word]
    return new RpcRefusal(1010, 'Invalid Transaction', data)
  }
}
