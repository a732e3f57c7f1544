import type { Clock } from '#core/base/time/clock'

const budgetPerTurnMs = 5
const maxQueued = 4_000

interface PacedRefusal {
  readonly write: () => void
  readonly drop: () => void
}

/**
 * Keeps a flood of refusals from blocking the event loop. Writing is the most expensive part of a refusal, so only a
 * few milliseconds of a turn are used for it and the rest waits. What does not fit into the queue is dropped with its
 * connection. Without a flood every refusal is written at once.
 */
export class RefusalPacer {
  readonly #clock: Clock
  #queue: PacedRefusal[] = []
  #spentMs = 0
  #isTurnPlanned = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  pace(refusal: PacedRefusal): void {
    if (this.#spentMs < budgetPerTurnMs && this.#queue.length === 0) this.#write(refusal)
    else if (this.#queue.length < maxQueued) this.#queue.push(refusal)
    else refusal.drop()
    this.#planTurn()
  }

  #write(refusal: PacedRefusal): void {
    const startedAtMs = this.#clock.monotonicMs()
    refusal.write()
    this.#spentMs += this.#clock.monotonicMs() - startedAtMs
  }

  #planTurn(): void {
    if (this.#isTurnPlanned) return
    this.#isTurnPlanned = true
    setImmediate(() => this.#turn())
  }

  #turn(): void {
    this.#isTurnPlanned = false
    this.#spentMs = 0
    let written = 0
    while (written < this.#queue.length && this.#spentMs < budgetPerTurnMs) {
      this.#write(this.#queue[written]!)
      written += 1
    }
    if (written === 0) return
    this.#queue = this.#queue.slice(written)
    this.#planTurn()
  }
}
