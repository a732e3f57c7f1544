import type { Clock } from '#core/base/time/clock'

/** Requests that wait on purpose, without a slot. Beyond this many, and after a stop has begun, none waits. */
const mostParked = 1_024

export class ParkingLot {
  readonly #clock: Clock
  readonly #stays = new Set<AbortController>()
  #isClosed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get parked(): number {
    return this.#stays.size
  }

  hasRoom(): boolean {
    return this.parked < mostParked && !this.#isClosed
  }

  /** Until the time is over, the peer is gone, or the lot is closed. */
  async wait(durationMs: number, gone: AbortSignal): Promise<void> {
    if (this.#isClosed || gone.aborted) return
    // Not AbortSignal.any: on Node 20 every call leaves a reference in a signal that lives on.
    const stay = new AbortController()
    const leave = (): void => stay.abort()
    this.#stays.add(stay)
    gone.addEventListener('abort', leave, { once: true })
    await this.#clock.sleep(durationMs, stay.signal).catch(() => {})
    gone.removeEventListener('abort', leave)
    this.#stays.delete(stay)
  }

  close(): void {
    this.#isClosed = true
    for (const stay of this.#stays) stay.abort()
  }
}
