import type { Clock } from '#core/base/time/clock'
import { accept, type Checked, refuse } from '#core/bittensor/admission/refusals'
import type { AxonMetrics } from './metrics.ts'

export interface WorkGateRules {
  readonly maxAtWork: number
  readonly maxAtWorkPerHotkey: number
  readonly maxWaiting: number
  readonly maxWaitingPerHotkey: number
  readonly maxWaitMs: number
}

export interface Slot {
  /** Safe to call twice. */
  release(): void
}

interface Waiter {
  readonly hotkey: string
  readonly stakeTao: number
  readonly settle: (result: Checked<Slot>) => void
}

/**
 * Limits the requests in progress, in total and per validator. A request without a slot waits a short time. The highest
 * stake goes first; when the queue is full, the lowest stake is removed from it.
 */
export class WorkGate {
  readonly #clock: Clock
  readonly #metrics: AxonMetrics
  readonly #rules: WorkGateRules
  readonly #atWork = new Map<string, number>()
  readonly #waiting: Waiter[] = []
  #atWorkTotal = 0

  constructor(deps: { clock: Clock; metrics: AxonMetrics }, rules: WorkGateRules) {
    this.#clock = deps.clock
    this.#metrics = deps.metrics
    this.#rules = rules
  }

  /** Settles at once when there is a free slot; `signal` ends the wait of a caller that is gone. */
  enter(hotkey: string, stakeTao: number, signal: AbortSignal): Checked<Slot> | Promise<Checked<Slot>> {
    if (this.#hasRoomFor(hotkey)) return accept(this.#occupy(hotkey))
    const ownWaiting = this.#waiting.filter((waiter) => waiter.hotkey === hotkey).length
    if (ownWaiting >= this.#rules.maxWaitingPerHotkey) return refuse('hotkey_busy')
    if (this.#waiting.length >= this.#rules.maxWaiting && !this.#makeWaitingRoom(stakeTao)) return refuse('saturated')
    return this.#wait(hotkey, stakeTao, signal)
  }

  #wait(hotkey: string, stakeTao: number, signal: AbortSignal): Promise<Checked<Slot>> {
    return new Promise((resolve) => {
      const timeUp = new AbortController()
      const settle = (result: Checked<Slot>) => {
        timeUp.abort()
        resolve(result)
      }
      const waiter: Waiter = { hotkey, stakeTao, settle }
      this.#insert(waiter)
      const giveUp = () => {
        const index = this.#waiting.indexOf(waiter)
        if (index < 0) return
        this.#waiting.splice(index, 1)
        this.#report()
        settle(refuse(this.#isOwnLimit(hotkey) ? 'hotkey_busy' : 'saturated'))
      }
      this.#clock.sleep(this.#rules.maxWaitMs, AbortSignal.any([timeUp.signal, signal])).then(giveUp, giveUp)
    })
  }

  /** Highest stake first; with equal stake, first come first served. */
  #insert(waiter: Waiter): void {
    const index = this.#waiting.findIndex((other) => other.stakeTao < waiter.stakeTao)
    this.#waiting.splice(index < 0 ? this.#waiting.length : index, 0, waiter)
    this.#report()
  }

  #makeWaitingRoom(stakeTao: number): boolean {
    const lowest = this.#waiting.at(-1)
    if (lowest === undefined || lowest.stakeTao >= stakeTao) return false
    this.#waiting.pop()
    lowest.settle(refuse('saturated'))
    return true
  }

  #hasRoomFor(hotkey: string): boolean {
    return this.#atWorkTotal < this.#rules.maxAtWork && !this.#isOwnLimit(hotkey)
  }

  #isOwnLimit(hotkey: string): boolean {
    return (this.#atWork.get(hotkey) ?? 0) >= this.#rules.maxAtWorkPerHotkey
  }

  #occupy(hotkey: string): Slot {
    this.#atWork.set(hotkey, (this.#atWork.get(hotkey) ?? 0) + 1)
    this.#atWorkTotal += 1
    this.#report()
    let isReleased = false
    return {
      release: () => {
        if (isReleased) return
        isReleased = true
        this.#vacate(hotkey)
      },
    }
  }

  #vacate(hotkey: string): void {
    const left = (this.#atWork.get(hotkey) ?? 1) - 1
    if (left > 0) this.#atWork.set(hotkey, left)
    else this.#atWork.delete(hotkey)
    this.#atWorkTotal -= 1
    const index = this.#waiting.findIndex((waiter) => this.#hasRoomFor(waiter.hotkey))
    if (index >= 0) {
      const [next] = this.#waiting.splice(index, 1)
      if (next !== undefined) next.settle(accept(this.#occupy(next.hotkey)))
    }
    this.#report()
  }

  #report(): void {
    this.#metrics.load(this.#atWorkTotal, this.#waiting.length)
  }
}
