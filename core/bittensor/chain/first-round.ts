import { showUrl } from '#core/base/text/show-url'

/** The first try of every endpoint: whether one can be used, or all serve another chain. */
export class FirstRound {
  /** Resolves when the result of the round is known. */
  readonly ended: Promise<void>
  readonly #untried: Set<string>
  readonly #wrong: string[] = []
  #isHopeful = false
  #end: () => void = () => {}

  constructor(endpoints: readonly string[]) {
    this.#untried = new Set(endpoints)
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  /** Every endpoint serves another chain; undefined while one may still be right. */
  get wrongChain(): string | undefined {
    return this.#isHopeful || this.#untried.size > 0 ? undefined : this.#wrong[0]
  }

  /** One endpoint serves the right chain, or nobody waits for the result any more. */
  succeed(): void {
    this.#isHopeful = true
    this.#end()
  }

  /** An endpoint that cannot be reached now may still be the right one. */
  unreachable(url: string): void {
    this.#isHopeful = true
    this.#tried(url)
  }

  foundWrongChain(url: string, reason: string): void {
    this.#wrong.push(`${showUrl(url)} serves another chain: ${reason}`)
    this.#tried(url)
  }

  #tried(url: string): void {
    this.#untried.delete(url)
    if (this.#untried.size === 0) this.#end()
  }
}
