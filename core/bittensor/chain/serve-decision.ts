import { type AxonAnnouncement, type AxonRecord, isSameAnnouncement } from './axon-record.ts'

export type ServeDecision =
  | { readonly action: 'none' }
  | { readonly action: 'submit' }
  | { readonly action: 'wait'; readonly reason: 'rateLimit'; readonly untilBlock: number }
  | { readonly action: 'wait'; readonly reason: 'tooManyTries'; readonly untilMs: number }

export interface ServeSituation {
  /** What the chain holds for our hotkey at this block. */
  readonly record: AxonRecord | undefined
  readonly wanted: AxonAnnouncement
  readonly currentBlock: number
  readonly rateLimitBlocks: number
  /** The time of our last submission, on the monotonic clock. */
  readonly triedAtMs: readonly number[]
  readonly nowMs: number
  /** The chain itself refused us for the rate limit: wait for this block, whatever the record says. */
  readonly refusedUntilBlock?: number | undefined
}

export const mostTries = 3
export const triesWindowMs = 600_000

/**
 * One transaction per change and no more. It is decided again at each refresh from the record alone. So an announcement
 * that a reorganisation removed is noticed, and a restart with the same address sends nothing.
 */
export function decideServe(situation: ServeSituation): ServeDecision {
  const { record, wanted, currentBlock, rateLimitBlocks, triedAtMs, nowMs } = situation
  if (isSameAnnouncement(record, wanted)) return { action: 'none' }
  const recent = triedAtMs.filter((atMs) => nowMs - atMs < triesWindowMs)
  if (recent.length >= mostTries) {
    return { action: 'wait', reason: 'tooManyTries', untilMs: Math.min(...recent) + triesWindowMs }
  }
  // The first announcement of a hotkey is exempt: there is no record, so there is no block to count from.
  const untilBlock = Math.max(
    record === undefined ? 0 : record.block + rateLimitBlocks,
    situation.refusedUntilBlock ?? 0,
  )
  if (currentBlock < untilBlock) return { action: 'wait', reason: 'rateLimit', untilBlock }
  return { action: 'submit' }
}
