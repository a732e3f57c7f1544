import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import type { NonceMark } from '#core/bittensor/admission/nonce-mark'

export interface FollowedMarkDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly onBug: (error: unknown) => void
}

const complainEveryMs = 60_000

/** A mark on its way to the disk: one step after the other, so that the last wish is what lies there. */
export class FollowedMark {
  readonly #deps: FollowedMarkDeps
  readonly #mark: NonceMark
  /** Undefined: not known after a failure. */
  #isThere: boolean | undefined
  #shouldBeThere: boolean
  #following: Promise<void> | undefined
  #complainedAtMs = Number.NEGATIVE_INFINITY

  constructor(deps: FollowedMarkDeps, mark: NonceMark) {
    this.#deps = deps
    this.#mark = mark
    this.#isThere = mark.isThere()
    this.#shouldBeThere = this.#isThere
  }

  /** What was wished last, whether or not the disk has followed. */
  get isWanted(): boolean {
    return this.#shouldBeThere
  }

  set(shouldBeThere: boolean): Promise<void> {
    this.#shouldBeThere = shouldBeThere
    if (this.#following !== undefined) return this.#following
    if (this.#isThere === shouldBeThere) return Promise.resolve()
    this.#following = this.#follow().catch(this.#deps.onBug)
    return this.#following
  }

  async #follow(): Promise<void> {
    while (this.#isThere !== this.#shouldBeThere) {
      const next = this.#shouldBeThere
      this.#isThere = undefined
      try {
        await (next ? this.#mark.make() : this.#mark.remove())
        this.#isThere = next
      } catch (err) {
        this.#complain(next, err)
        // Without a mark the next start is careful, so a mark that cannot be made is left until the next time.
        if (next) this.#shouldBeThere = false
        break
      }
    }
    // In the turn in which the last step is seen to be done: a later wish starts anew.
    this.#following = undefined
  }

  #complain(shouldBeMarked: boolean, err: unknown): void {
    const { clock, log } = this.#deps
    if (clock.monotonicMs() - this.#complainedAtMs < complainEveryMs) return
    this.#complainedAtMs = clock.monotonicMs()
    log.warn({ event: 'nonces.mark_failed', shouldBeMarked, err }, 'A mark beside the nonces did not change')
  }
}
