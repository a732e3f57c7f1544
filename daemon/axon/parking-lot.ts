import type { Clock } from '#core/base/time/clock'

/** Requests that wait on purpose, without a slot. Beyond this many, and after a stop has begun, none waits. */
const mostParked = 1_024

export class ParkingLot {
  readonly #clock: Clock
  readonly #closed = new AbortController()
  #parked = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get parked(): number {
    return this.#parked
  }

  hasRoom(): boolean {
    return this.#parked < mostParked && !this.#closed.signal.aborted
  }

  /** Until the time is over, the peer is gone, or the lot is closed. */
  async wait(durationMs: number, gone: AbortSignal): Promise<void> {
    this.#parked += 1
    try {
      await this.#clock.sleep(durationMs, AbortSignal.any([gone, this.#closed.signal])).catch(() => {})
    } finally {
      this.#parked -= 1
    }
  }

  close(): void {
    this.#closed.abort()
  }
}
