import type { MinuteHistory } from '#core/market/venues/minute-history'
import type { RealisedPathArchive } from '#core/market/venues/synth-api'
import { type VenueFailure, type VenueFailureReason, venueFailure, venueWideFailures } from '#core/market/venues/venue'

const unwell: ReadonlySet<VenueFailureReason> = new Set(venueWideFailures)
const mostFailures = 3

/**
 * A replay asks for thousands of stretches, one after the other. A venue that is down is asked three times and is then
 * treated as down for the rest of the run, instead of waiting for it a thousand times.
 */
export function givingUpHistory(history: MinuteHistory): MinuteHistory {
  const guard = new Guard()
  return {
    venue: history.venue,
    fetchMinutes: (range, signal) => guard.ask(() => history.fetchMinutes(range, signal)),
  }
}

export function givingUpArchive(archive: RealisedPathArchive): RealisedPathArchive {
  const guard = new Guard()
  return { fetchRealisedPath: (prompt, signal) => guard.ask(() => archive.fetchRealisedPath(prompt, signal)) }
}

class Guard {
  #failures = 0
  #last: VenueFailure | undefined

  async ask<Answer extends { readonly ok: true } | VenueFailure>(
    question: () => Promise<Answer>,
  ): Promise<Answer | VenueFailure> {
    if (this.#last !== undefined && this.#failures >= mostFailures) {
      return venueFailure(this.#last.reason, `${this.#last.message}; not asked again in this run`)
    }
    const answer = await question()
    if (!answer.ok && unwell.has(answer.reason)) {
      this.#failures += 1
      this.#last = answer
    } else {
      this.#failures = 0
    }
    return answer
  }
}
