/** All miners' scores of one prompt, as the subnet publishes them. */
export interface FieldPrompt {
  readonly asset: string
  readonly timeLengthSeconds: number
  /** The end of the predicted period. */
  readonly scoredAtMs: number
  readonly miners: readonly FieldMiner[]
}

export interface FieldMiner {
  readonly uid: number
  /** -1: no usable answer. */
  readonly crps: number
  readonly promptScore: number
}

export interface FieldKind {
  readonly asset: string
  readonly timeLengthSeconds: number
}

export interface FieldWindow {
  readonly fromMs: number
  readonly toMs: number
}

export interface FieldStore {
  /** One transaction: the prompts, and that this stretch is complete. The newest answer of the API counts. */
  save(kind: FieldKind, window: FieldWindow, prompts: readonly FieldPrompt[], refusedRows: number): void
  /** Ascending by the end of the period, both ends included. */
  read(kind: FieldKind, window: FieldWindow): readonly FieldPrompt[]
  /** Ascending and merged. */
  listWindows(kind: FieldKind): readonly FieldWindow[]
}

export function startMsOf({ scoredAtMs, timeLengthSeconds }: FieldPrompt): number {
  return scoredAtMs - timeLengthSeconds * 1000
}

/**
 * By the end of the period. Where several end together, the validator counts the one that it saved first. It is taken to save in the
 * order of its requests, which the journal knows of the prompts that it holds. Otherwise the given order stays.
 */
export function inSavedOrder(
  prompts: readonly FieldPrompt[],
  receivedAtMs: (prompt: FieldPrompt) => number | undefined,
): { readonly prompts: FieldPrompt[]; readonly unknownTies: number } {
  const byTime = new Map<number, FieldPrompt[]>()
  for (const prompt of prompts) {
    const together = byTime.get(prompt.scoredAtMs)
    if (together === undefined) byTime.set(prompt.scoredAtMs, [prompt])
    else together.push(prompt)
  }
  let unknownTies = 0
  const ordered = [...byTime.keys()]
    .sort((a, b) => a - b)
    .flatMap((scoredAtMs) => {
      const together = byTime.get(scoredAtMs)!
      if (together.length === 1) return together
      const received = together.map(receivedAtMs)
      if (received.some((atMs) => atMs === undefined)) {
        unknownTies += 1
        return together
      }
      return together
        .map((prompt, i) => ({ prompt, atMs: received[i]! }))
        .sort((a, b) => a.atMs - b.atMs)
        .map(({ prompt }) => prompt)
    })
  return { prompts: ordered, unknownTies }
}

/** The parts of a stretch that were never fetched. */
export function missingWindows(known: readonly FieldWindow[], wanted: FieldWindow): FieldWindow[] {
  const missing: FieldWindow[] = []
  let fromMs = wanted.fromMs
  for (const window of known) {
    if (window.toMs <= fromMs) continue
    if (window.fromMs >= wanted.toMs) break
    if (window.fromMs > fromMs) missing.push({ fromMs, toMs: Math.min(window.fromMs, wanted.toMs) })
    fromMs = Math.max(fromMs, window.toMs)
  }
  if (fromMs < wanted.toMs) missing.push({ fromMs, toMs: wanted.toMs })
  return missing
}

export function mergeWindows(windows: readonly FieldWindow[]): FieldWindow[] {
  const merged: { fromMs: number; toMs: number }[] = []
  for (const { fromMs, toMs } of windows.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = merged.at(-1)
    if (last !== undefined && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs)
    else merged.push({ fromMs, toMs })
  }
  return merged
}
