/**
 * Miners that join inside the window are filled back to its beginning with the worst score of every earlier prompt. So
 * a new identity never starts without a history.
 */
export interface PromptScoreRow {
  /** Identity of (uid, coldkey, hotkey): a hotkey that registers again is a new miner. */
  readonly minerId: number
  /** NaN if unknown. */
  readonly promptScore: number
  /** The end of the predicted period, not the time of the computation. */
  readonly scoredAtMs: number
  readonly asset: string
  /**
   * The fill percentile of the prompt. Null: the prompt gives no fill. NaN: it fills with NaN, which is dropped later.
   */
  readonly percentile: number | null
  readonly lowestScore: number
}

export interface FrameRow {
  readonly minerId: number
  readonly promptScore: number
  readonly scoredAtMs: number
  readonly asset: string
}

interface EarlierPrompt {
  readonly scoredAtMs: number
  readonly asset: string
  readonly worstScore: number | null
}

/** The rows of the average: the given rows and the fills, by time and then by miner. */
export function fillLateJoiners(rows: readonly PromptScoreRow[]): FrameRow[] {
  const prompts = promptsOf(rows)
  const firstSeenAtMs = new Map<number, number>()
  for (const { minerId, scoredAtMs } of rows) {
    const known = firstSeenAtMs.get(minerId)
    if (known === undefined || scoredAtMs < known) firstSeenAtMs.set(minerId, scoredAtMs)
  }
  const frame: FrameRow[] = rows.map(({ minerId, promptScore, scoredAtMs, asset }) => ({
    minerId,
    promptScore,
    scoredAtMs,
    asset,
  }))
  for (const [minerId, joinedAtMs] of firstSeenAtMs) {
    for (const { scoredAtMs, asset, worstScore } of prompts) {
      if (scoredAtMs >= joinedAtMs) break
      if (worstScore !== null) frame.push({ minerId, promptScore: worstScore, scoredAtMs, asset })
    }
  }
  return frame.sort((a, b) => a.scoredAtMs - b.scoredAtMs || a.minerId - b.minerId)
}

/** One per distinct time; the first row decides: two assets that end in the same second share one worst score. */
function promptsOf(rows: readonly PromptScoreRow[]): EarlierPrompt[] {
  const prompts = new Map<number, EarlierPrompt>()
  for (const { scoredAtMs, asset, percentile, lowestScore } of rows) {
    if (prompts.has(scoredAtMs)) continue
    prompts.set(scoredAtMs, { scoredAtMs, asset, worstScore: percentile === null ? null : percentile - lowestScore })
  }
  return [...prompts.values()].sort((a, b) => a.scoredAtMs - b.scoredAtMs)
}
