/**
 * How old a nonce may be, and how far ahead. Nanoseconds since the epoch do not fit into a double, so they are bigint.
 */
export interface NonceWindow {
  readonly maxAgeNs: bigint
  readonly maxAheadNs: bigint
}

/** Exact to the microsecond for any present-day instant. */
export function toNs(ms: number): bigint {
  return BigInt(Math.floor(ms * 1_000)) * 1_000n
}

export function isFresh(nonceNs: bigint, nowNs: bigint, window: NonceWindow): boolean {
  return nowNs - nonceNs <= window.maxAgeNs && nonceNs - nowNs <= window.maxAheadNs
}

export interface V10WindowRules {
  /** Allowance on top of the caller's own timeout. */
  readonly nonceGraceMs: number
  /** The timeout header is not signed, so a caller could make any age fresh without this cap. */
  readonly maxTimeoutMs: number
  readonly nonceAheadMs: number
}

/**
 * A validator takes one nonce for a whole batch and then signs and sends for seconds. So the allowed age grows with the
 * time that it is ready to wait.
 */
export function v10Window(timeoutMs: number, rules: V10WindowRules): NonceWindow {
  return {
    maxAgeNs: toNs(rules.nonceGraceMs + Math.min(timeoutMs, rules.maxTimeoutMs)),
    maxAheadNs: toNs(rules.nonceAheadMs),
  }
}

/** The window refuses an older entry whatever the caller claims, so it need not be remembered. */
export function longestAgeNs(rules: V10WindowRules): bigint {
  return toNs(rules.nonceGraceMs + rules.maxTimeoutMs)
}

const nonceText = /^[1-9][0-9]{0,19}$/

/** Only the canonical decimal: the text itself is signed. */
export function parseNonce(text: string): bigint | undefined {
  return nonceText.test(text) ? BigInt(text) : undefined
}
