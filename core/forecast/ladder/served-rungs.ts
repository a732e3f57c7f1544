import type { PartHealth } from '#core/base/health/health-board'
import type { Rung } from '../journal/rung.ts'
import type { Fall, LadderAnswer } from './ladder.ts'

const rememberedCount = 50

/** Without the paths, which take megabytes. */
interface Served {
  readonly rung: Rung
  readonly isDegraded: boolean
  readonly lastFall: Fall | undefined
}

/** Which rungs made the last answers: the operator's view of the ladder. */
export class ServedRungs {
  #latest: (Served | undefined)[] = []
  #total = 0

  /** Undefined: a prompt without an answer. */
  note(answer: LadderAnswer | undefined): void {
    this.#total += 1
    const served = answer === undefined ? undefined : toServed(answer)
    this.#latest = [...this.#latest.slice(1 - rememberedCount), served]
  }

  health(): PartHealth {
    const count = this.#latest.length
    if (count === 0) return { state: 'ok', sentence: 'No prompt yet.' }
    const unanswered = this.#latest.filter((answer) => answer === undefined).length
    const answers = this.#latest.filter((answer) => answer !== undefined)
    const fell = answers.filter(({ rung }) => rung !== 'champion')
    const degraded = answers.filter(({ isDegraded }) => isDegraded)
    const sentence = `Of the last ${count} of ${this.#total} prompts the champion answered ${answers.length - fell.length}, a fallback ${fell.length}, and ${unanswered} got no answer.`
    if (unanswered === 0 && fell.length === 0 && degraded.length === 0) return { state: 'ok', sentence }
    const last = fell.at(-1)?.lastFall
    const why =
      last === undefined
        ? 'Some were made before enough minutes were recorded; that ends by itself while the recorder runs.'
        : `Last reason, from ${last.model}: ${last.detail}.`
    return { state: 'degraded', sentence, hint: `${why} The log has one forecast.fell line for every fallback.` }
  }
}

function toServed({ rung, isDegraded, falls }: LadderAnswer): Served {
  return { rung, isDegraded, lastFall: falls.at(-1) }
}
