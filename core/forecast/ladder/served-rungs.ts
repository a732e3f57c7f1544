import type { PartHealth } from '#core/base/health/health-board'
import { horizonLabel, horizonOf } from '#core/synth/prompts/horizon'
import type { Prompt } from '#core/synth/prompts/prompt'
import type { Rung } from '../journal/rung.ts'
import type { Fall, LadderAnswer } from './ladder.ts'

const rememberedCount = 50

/** Without the paths, which take megabytes. */
interface Served {
  readonly rung: Rung
  readonly isDegraded: boolean
  readonly lastFall: Fall | undefined
}

/** What was served of one asset and horizon since the start. */
type ServedOf = {
  lastMadeAtMs: number
  answers: number
  atDailyCap: number
  /** For lack of time: arranged paths take four times as long. */
  withIndependentPaths: number
  /** A model before the one that answered gave no forecast. */
  afterFallback: number
}

/** Which rungs made the last answers: the operator's view of the ladder. */
export class ServedRungs {
  #latest: (Served | undefined)[] = []
  #total = 0
  readonly #byKind = new Map<string, ServedOf>()

  /** Undefined: a prompt without an answer. */
  note(answer: LadderAnswer | undefined, prompt: Prompt, nowMs: number): void {
    this.#total += 1
    if (answer !== undefined) this.#count(answer, prompt, nowMs)
    const served = answer === undefined ? undefined : toServed(answer)
    this.#latest = [...this.#latest.slice(1 - rememberedCount), served]
  }

  health(): PartHealth {
    const part = this.#condition()
    const table = Object.fromEntries([...this.#byKind].sort(([a], [b]) => (a < b ? -1 : 1)))
    return this.#byKind.size === 0 ? part : { ...part, table }
  }

  #count({ falls, isCapped, recipe }: LadderAnswer, { asset, lengthSeconds }: Prompt, nowMs: number): void {
    const kind = `${asset} ${horizonLabel(horizonOf(lengthSeconds))}`
    const none = { lastMadeAtMs: nowMs, answers: 0, atDailyCap: 0, withIndependentPaths: 0, afterFallback: 0 }
    const of = this.#byKind.get(kind) ?? none
    of.lastMadeAtMs = nowMs
    of.answers += 1
    if (isCapped) of.atDailyCap += 1
    if (recipe.arrangement.kind === 'independent') of.withIndependentPaths += 1
    if (falls.length > 0) of.afterFallback += 1
    this.#byKind.set(kind, of)
  }

  #condition(): PartHealth {
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
