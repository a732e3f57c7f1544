/** An empty file that says something by lying there. A resolved promise means: on disk. */
export interface NonceMark {
  isThere(): boolean
  make(): Promise<void>
  remove(): Promise<void>
}

/** A nonce up to so far ahead of our clock is near. Clocks that are kept by a time service are within it. */
export const nearNs = 2_000_000_000n
