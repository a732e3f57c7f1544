/** The first look at every endpoint: whether one can be used, or all that there are serve another chain. */
export class FirstRound {
  /** Resolves when it is known how the round went. */
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

  /** Every endpoint serves another chain; undefined when there is hope for one. */
  get wrongChain(): string | undefined {
    return this.#isHopeful || this.#untried.size > 0 ? undefined : this.#wrong[0]
  }

  /** One endpoint serves the right chain, or nobody waits for the answer any more. */
  succeed(): void {
    this.#isHopeful = true
    this.#end()
  }

  /** An endpoint that cannot be reached may yet be the right one. */
  unreachable(url: string): void {
    this.#isHopeful = true
    this.#tried(url)
  }

  foundWrongChain(url: string, reason: string): void {
    this.#wrong.push(`${url} serves another chain: ${reason}`)
    this.#tried(url)
  }

  #tried(url: string): void {
    this.#untried.delete(url)
    if (this.#untried.size === 0) this.#end()
  }
}
