import type { Rng } from '#core/base/random/rng'

/** How an attempt to connect ended. */
export type ConnectFailure =
  /** Refused, closed, silent: the node or the connection to it is down. */
  | 'unreachable'
  /** The node says that we send too many requests. */
  | 'rateLimited'
  /** It was connected, but not for long: the node accepts us and closes the connection soon. */
  | 'shortLived'
  /** Another chain: no reason to retry soon. */
  | 'wrongChain'

interface EndpointRecord {
  readonly url: string
  failures: number
  notBeforeMs: number
}

const leastWaitMs = 1_000
/** A node that was down is retried at this interval, so that we are back within five seconds of its return. */
const longestUnreachableWaitMs = 3_000
const longestPoliteWaitMs = 60_000

/** Which endpoint to try next, and when: each at most once a second, each with its own back-off. */
export class EndpointRotation {
  readonly #endpoints: EndpointRecord[]
  readonly #rng: Rng
  #next = 0

  constructor(urls: readonly string[], rng: Rng) {
    this.#endpoints = urls.map((url) => ({ url, failures: 0, notBeforeMs: Number.NEGATIVE_INFINITY }))
    this.#rng = rng
  }

  /** The endpoint that may be tried first; those that may be tried now take turns. */
  choose(nowMs: number): { readonly url: string; readonly waitMs: number } {
    const count = this.#endpoints.length
    const inTurn = Array.from({ length: count }, (_, i) => this.#endpoints[(this.#next + i) % count]!)
    const soonest = inTurn.reduce((best, candidate) =>
      Math.max(candidate.notBeforeMs, nowMs) < Math.max(best.notBeforeMs, nowMs) ? candidate : best,
    )
    this.#next = (this.#endpoints.indexOf(soonest) + 1) % count
    return { url: soonest.url, waitMs: Math.max(0, soonest.notBeforeMs - nowMs) }
  }

  /** It worked for a good while: earlier failures are forgotten. */
  proved(url: string): void {
    this.#find(url).failures = 0
  }

  /** Not a failure: the same node is asked again at once for its new runtime. */
  upgraded(url: string, nowMs: number): void {
    const endpoint = this.#find(url)
    endpoint.notBeforeMs = nowMs
    this.#next = this.#endpoints.indexOf(endpoint)
  }

  failed(url: string, failure: ConnectFailure, nowMs: number): void {
    const endpoint = this.#find(url)
    endpoint.failures += 1
    endpoint.notBeforeMs = nowMs + this.#waitAfter(endpoint.failures, failure)
    this.#next = (this.#endpoints.indexOf(endpoint) + 1) % this.#endpoints.length
  }

  #waitAfter(failures: number, failure: ConnectFailure): number {
    const longest = failure === 'unreachable' ? longestUnreachableWaitMs : longestPoliteWaitMs
    const ceiling = failure === 'wrongChain' ? longest : Math.min(longest, leastWaitMs * 2 ** Math.min(failures, 10))
    // Jitter, so that miners which lost the same node do not all return at the same time.
    return leastWaitMs + this.#rng.next() * (ceiling - leastWaitMs)
  }

  #find(url: string): EndpointRecord {
    const found = this.#endpoints.find((endpoint) => endpoint.url === url)
    if (found === undefined) throw new Error(`${url} is not an endpoint of this rotation`)
    return found
  }
}
