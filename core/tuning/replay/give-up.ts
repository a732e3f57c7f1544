import type { MinuteHistory } from '#core/market/venues/minute-history'
import type { RealisedPathArchive, SynthApi } from '#core/market/venues/synth-api'
import { type VenueFailure, type VenueFailureReason, venueFailure, venueWideFailures } from '#core/market/venues/venue'

const unwell: ReadonlySet<VenueFailureReason> = new Set(venueWideFailures)
const mostFailures = 3

export const notAskedAgain = '; not asked again in this run'

/**
 * A replay asks for thousands of stretches, one after the other. A venue that is down is asked three times and is then
 * treated as down for the rest of the run, instead of waiting for it a thousand times.
 */
export function givingUpHistory(history: MinuteHistory): MinuteHistory {
  const guard = new Guard(mostFailures)
  return {
    venue: history.venue,
    fetchMinutes: (range, signal) => guard.ask(() => history.fetchMinutes(range, signal)),
  }
}

export function givingUpArchive(archive: RealisedPathArchive): RealisedPathArchive {
  const guard = new Guard(mostFailures)
  return { fetchRealisedPath: (prompt, signal) => guard.ask(() => archive.fetchRealisedPath(prompt, signal)) }
}

/** Each answer has been tried several times already, and a person waits: one failure is enough. */
export function givingUpScores(api: Pick<SynthApi, 'fetchScores'>): Pick<SynthApi, 'fetchScores'> {
  const guard = new Guard(1)
  return { fetchScores: (query, signal) => guard.ask(() => api.fetchScores(query, signal)) }
}

class Guard {
  readonly #mostFailures: number
  #failures = 0
  #last: VenueFailure | undefined

  constructor(mostFailures: number) {
    this.#mostFailures = mostFailures
  }

  async ask<Answer extends { readonly ok: true } | VenueFailure>(
    question: () => Promise<Answer>,
  ): Promise<Answer | VenueFailure> {
    if (this.#last !== undefined && this.#failures >= this.#mostFailures) {
      return venueFailure(this.#last.reason, `${this.#last.message}${notAskedAgain}`)
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
