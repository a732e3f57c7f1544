import type { Clock } from '#core/base/time/clock'
import { minuteMs } from '#core/base/time/units'

/**
 * shed: a connection without proof made room for another; knownRefused: a known address found no room; dropped: Node
 * closed a connection unseen; gone: the peer had reset its connection before it was looked at.
 */
export type CrowdEvent = 'shed' | 'knownRefused' | 'dropped' | 'gone'

export interface CrowdReport {
  readonly totals: Readonly<Record<CrowdEvent, number>>
  /** The same of the last minutes, counted in whole minutes. */
  readonly recent: Readonly<Record<CrowdEvent, number>>
}

export const recentMinutes = 5

const none: Readonly<Record<CrowdEvent, number>> = { shed: 0, knownRefused: 0, dropped: 0, gone: 0 }

/** Counts what happens to connections when there are too many. */
export class CrowdWatch {
  readonly #clock: Clock
  readonly #totals = { ...none }
  #minutes: { readonly minute: number; readonly counts: Record<CrowdEvent, number> }[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  note(event: CrowdEvent): void {
    this.#totals[event] += 1
    const minute = this.#minute()
    let last = this.#minutes.at(-1)
    if (last?.minute !== minute) {
      last = { minute, counts: { ...none } }
      this.#minutes = [...this.#minutes.slice(1 - recentMinutes), last]
    }
    last.counts[event] += 1
  }

  report(): CrowdReport {
    const recent = { ...none }
    for (const { minute, counts } of this.#minutes) {
      if (minute <= this.#minute() - recentMinutes) continue
      for (const event of Object.keys(none) as CrowdEvent[]) recent[event] += counts[event]
    }
    return { totals: { ...this.#totals }, recent }
  }

  #minute(): number {
    return Math.floor(this.#clock.monotonicMs() / minuteMs)
  }
}
