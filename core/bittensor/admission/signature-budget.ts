import type { Clock } from '#core/base/time/clock'
import { minuteMs } from '#core/base/time/units'
import { callerNetwork } from '../addresses/ip-ranges.ts'
import type { KnownAddresses } from './known-addresses.ts'
import type { ProvenAddresses } from './proven-addresses.ts'
import { accept, type Checked, refuse } from './refusals.ts'

export interface SignatureBudgetRules {
  readonly maxFailuresPerIp: number
  readonly strangerChecksPerSecond: number
}

interface Failures {
  /** Start of the present window. */
  sinceMs: number
  count: number
  lastAtMs: number
}

interface Waiting {
  readonly network: string
  readonly untilMs: number
  readonly settle: (result: Checked<void>) => void
}

const failureWindowMs = 10_000
/** For so long after a wrong signature an address is no newcomer. */
const newcomerAfterMs = 10 * minuteMs
// More than the addresses of the floods seen so far; some 100 bytes each.
const maxRemembered = 65_536
/** Of the budget, for addresses that have failed before. The rest belongs to newcomers. */
const failedShare = 0.2
const maxWaiting = 8_192
const maxWaitingPerNetwork = 4
const maxWaitMs = 20_000
const refillEveryMs = 10

/**
 * Keeps forged signatures from using up the processor. Hotkeys of validators are public, so anybody can send a request
 * that passes every cheap check.
 *
 * A known address is always verified. Strangers share a budget of two lanes. Newcomers, addresses without a wrong
 * signature of late, wait for their turn in the order of their arrival, a few requests per address: an honest one is
 * behind at most one round of the others. Addresses that have failed get a fifth of the budget and never wait. An
 * address that keeps failing is refused for a while.
 */
export class SignatureBudget {
  readonly #clock: Clock
  readonly #known: KnownAddresses
  readonly #proven: ProvenAddresses
  readonly #rules: SignatureBudgetRules
  readonly #failures = new Map<string, Failures>()
  readonly #newcomers: Lane
  readonly #failed: Lane
  readonly #waiting = new Set<Waiting>()
  readonly #waitingPerNetwork = new Map<string, number>()
  #isPumping = false

  constructor(
    deps: { readonly clock: Clock; readonly known: KnownAddresses; readonly proven: ProvenAddresses },
    rules: SignatureBudgetRules,
  ) {
    this.#clock = deps.clock
    this.#known = deps.known
    this.#proven = deps.proven
    this.#rules = rules
    const perSecond = rules.strangerChecksPerSecond
    this.#failed = new Lane(Math.max(1, perSecond * failedShare), deps.clock.monotonicMs())
    this.#newcomers = new Lane(Math.max(1, perSecond * (1 - failedShare)), deps.clock.monotonicMs())
  }

  /** Settles at once, except for a newcomer while the budget is used up. `gone` ends that wait. */
  mayVerify(ip: string, gone?: AbortSignal): Checked<void> | Promise<Checked<void>> {
    const nowMs = this.#clock.monotonicMs()
    const network = callerNetwork(ip)
    const failures = this.#failures.get(network)
    const isRecent = failures !== undefined && nowMs - failures.sinceMs < failureWindowMs
    if (isRecent && failures.count >= this.#rules.maxFailuresPerIp) return refuse('too_many_failures')
    if (this.#known.includes(ip)) return accept(undefined)
    if (failures !== undefined && nowMs - failures.lastAtMs < newcomerAfterMs) {
      return this.#failed.take(nowMs) ? accept(undefined) : refuse('verifier_busy')
    }
    if (this.#waiting.size === 0 && this.#newcomers.take(nowMs)) return accept(undefined)
    return this.#wait(network, nowMs, gone)
  }

  succeeded(ip: string, hotkey: string): void {
    this.#proven.add(ip, hotkey)
  }

  failed(ip: string): void {
    const network = callerNetwork(ip)
    const nowMs = this.#clock.monotonicMs()
    const failures = this.#failures.get(network) ?? { sinceMs: nowMs, count: 0, lastAtMs: nowMs }
    if (nowMs - failures.sinceMs >= failureWindowMs) {
      failures.sinceMs = nowMs
      failures.count = 0
    }
    failures.count += 1
    failures.lastAtMs = nowMs
    // Deleted first, so that the map stays in order of time and the oldest entry is dropped.
    this.#failures.delete(network)
    this.#failures.set(network, failures)
    if (this.#failures.size <= maxRemembered) return
    const oldest = this.#failures.keys().next()
    if (oldest.done !== true) this.#failures.delete(oldest.value)
  }

  #wait(network: string, nowMs: number, gone: AbortSignal | undefined): Checked<void> | Promise<Checked<void>> {
    const ownWaiting = this.#waitingPerNetwork.get(network) ?? 0
    if (ownWaiting >= maxWaitingPerNetwork || this.#waiting.size >= maxWaiting) return refuse('verifier_busy')
    this.#waitingPerNetwork.set(network, ownWaiting + 1)
    return new Promise((resolve) => {
      const leave = () => waiting.settle(refuse('verifier_busy'))
      const waiting: Waiting = {
        network,
        untilMs: nowMs + maxWaitMs,
        settle: (result) => {
          if (!this.#waiting.delete(waiting)) return
          gone?.removeEventListener('abort', leave)
          const left = (this.#waitingPerNetwork.get(network) ?? 1) - 1
          if (left > 0) this.#waitingPerNetwork.set(network, left)
          else this.#waitingPerNetwork.delete(network)
          resolve(result)
        },
      }
      this.#waiting.add(waiting)
      gone?.addEventListener('abort', leave, { once: true })
      if (!this.#isPumping) void this.#pump()
    })
  }

  /** Lets newcomers in as the budget fills again, while any wait. */
  async #pump(): Promise<void> {
    this.#isPumping = true
    while (this.#waiting.size > 0) {
      await this.#clock.sleep(refillEveryMs)
      const nowMs = this.#clock.monotonicMs()
      for (const waiting of this.#waiting) {
        const failures = this.#failures.get(waiting.network)
        // It failed with an earlier request meanwhile: the rest of its requests leaves the newcomers' lane.
        const hasFailed = failures !== undefined && nowMs - failures.lastAtMs < newcomerAfterMs
        if (hasFailed || nowMs >= waiting.untilMs) {
          waiting.settle(refuse('verifier_busy'))
          continue
        }
        if (!this.#newcomers.take(nowMs)) break
        waiting.settle(accept(undefined))
      }
    }
    this.#isPumping = false
  }
}

/** So many checks a second, and at most those of one second at once. */
class Lane {
  readonly #perSecond: number
  #tokens: number
  #filledAtMs: number

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond
    this.#tokens = perSecond
    this.#filledAtMs = nowMs
  }

  take(nowMs: number): boolean {
    const filled = this.#tokens + ((nowMs - this.#filledAtMs) * this.#perSecond) / 1_000
    this.#tokens = Math.min(this.#perSecond, filled)
    this.#filledAtMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
