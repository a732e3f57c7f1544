/**
 * Prevents a series from storing the prices of another one. A venue rarely answers with the wrong series, but Binance's
 * klines do not say which series they are, and a wrong minute, once stored, is used for scoring for ever. So an answer
 * whose level is far from the stored neighbour is held back until it was seen several times. A crash is confirmed
 * within three requests; the present level of another series of the venue only after half a day.
 */
export interface LevelSighting {
  readonly key: string
  /** The first close offered, and how many minutes are between it and the stored neighbour. */
  readonly close: number
  readonly distanceMinutes: number
  readonly neighbourClose: number
  /** The present levels of the venue's other series. */
  readonly otherCloses: readonly number[]
}

export type LevelVerdict = 'ok' | 'jumped' | 'looksLikeAnother'

const jumpLimit = 0.2 // In two years of real minutes, one minute never moved this far.
const widestLimit = 1
const sameLevel = 0.05
const sightingsForJump = 3
const sightingsForAnother = 720

export class LevelGate {
  readonly #held = new Map<string, { close: number; sightings: number }>()

  judge(sighting: LevelSighting): LevelVerdict {
    // A random walk's distance grows with the square root of time; the first hour is not counted.
    const limit = Math.min(widestLimit, jumpLimit * Math.max(1, Math.sqrt(sighting.distanceMinutes / 60)))
    if (logDistance(sighting.close, sighting.neighbourClose) <= limit) {
      this.#held.delete(sighting.key)
      return 'ok'
    }
    const looksLikeAnother = sighting.otherCloses.some((other) => logDistance(sighting.close, other) <= sameLevel)
    const before = this.#held.get(sighting.key)
    const isAgain = before !== undefined && logDistance(sighting.close, before.close) <= sameLevel
    const sightings = isAgain ? before.sightings + 1 : 1
    if (sightings >= (looksLikeAnother ? sightingsForAnother : sightingsForJump)) {
      this.#held.delete(sighting.key)
      return 'ok'
    }
    this.#held.set(sighting.key, { close: sighting.close, sightings })
    return looksLikeAnother ? 'looksLikeAnother' : 'jumped'
  }
}

function logDistance(a: number, b: number): number {
  return Math.abs(Math.log(a / b))
}
