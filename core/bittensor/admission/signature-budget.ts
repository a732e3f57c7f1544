import type { Clock } from '#core/base/time/clock'
import { hourMs } from '#core/base/time/units'
import { accept, type Checked, refuse } from './refusals.ts'

export interface SignatureBudgetRules {
  readonly maxFailuresPerIp: number
  readonly strangerChecksPerSecond: number
}

interface Failures {
  sinceMs: number
  count: number
}

const failureWindowMs = 10_000
const trustMs = hourMs
const maxRemembered = 4_096

/**
 * Keeps forged signatures from using up the processor. Hotkeys of validators are public, so anybody can send a request
 * that passes every cheap check. An address is always verified if it sent a valid signature within the last hour, or if
 * the claimed validator publishes it on chain. All others share a budget, and an address that keeps failing is refused
 * for a while.
 */
export class SignatureBudget {
  readonly #clock: Clock
  readonly #rules: SignatureBudgetRules
  readonly #trustedAtMs = new Map<string, number>()
  readonly #failures = new Map<string, Failures>()
  #tokens: number
  #filledAtMs: number

  constructor(clock: Clock, rules: SignatureBudgetRules) {
    this.#clock = clock
    this.#rules = rules
    this.#tokens = rules.strangerChecksPerSecond
    this.#filledAtMs = clock.monotonicMs()
  }

  mayVerify(ip: string, publishedIp: string): Checked<void> {
    const nowMs = this.#clock.monotonicMs()
    const failures = this.#failures.get(ip)
    const isRecent = failures !== undefined && nowMs - failures.sinceMs < failureWindowMs
    if (isRecent && failures.count >= this.#rules.maxFailuresPerIp) return refuse('too_many_failures')
    if (ip === publishedIp) return accept(undefined)
    const trustedAtMs = this.#trustedAtMs.get(ip)
    if (trustedAtMs !== undefined && nowMs - trustedAtMs < trustMs) return accept(undefined)
    return this.#takeToken(nowMs) ? accept(undefined) : refuse('verifier_busy')
  }

  succeeded(ip: string): void {
    // Deleted first, so that the map stays in order of time and the oldest entry is dropped.
    this.#trustedAtMs.delete(ip)
    this.#trustedAtMs.set(ip, this.#clock.monotonicMs())
    dropOldest(this.#trustedAtMs)
  }

  failed(ip: string): void {
    const nowMs = this.#clock.monotonicMs()
    const failures = this.#failures.get(ip)
    if (failures !== undefined && nowMs - failures.sinceMs < failureWindowMs) {
      failures.count += 1
      return
    }
    this.#failures.delete(ip)
    this.#failures.set(ip, { sinceMs: nowMs, count: 1 })
    dropOldest(this.#failures)
  }

  #takeToken(nowMs: number): boolean {
    const perSecond = this.#rules.strangerChecksPerSecond
    this.#tokens = Math.min(perSecond, this.#tokens + ((nowMs - this.#filledAtMs) * perSecond) / 1_000)
    this.#filledAtMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}

function dropOldest(map: Map<string, unknown>): void {
  if (map.size <= maxRemembered) return
  const oldest = map.keys().next()
  if (oldest.done !== true) map.delete(oldest.value)
}
