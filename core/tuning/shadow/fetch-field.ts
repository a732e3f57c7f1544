import { messageOf } from '#core/base/errors/message-of'
import { dayMs } from '#core/base/time/units'
import type { PublishedScore, Rows, SynthApi } from '#core/market/venues/synth-api'
import type { VenueFailure } from '#core/market/venues/venue'
import { type FieldKind, type FieldPrompt, type FieldStore, type FieldWindow, missingWindows } from './field.ts'

export interface FetchFieldDeps {
  readonly api: Pick<SynthApi, 'fetchScores'>
  readonly store: FieldStore
}

export interface FetchFieldOutcome {
  readonly kind: FieldKind
  readonly fetchedPrompts: number
  readonly refusedRows: number
  /** Stretches that could not be fetched, with the first reason. The others are stored. */
  readonly failed: readonly (FieldWindow & { readonly reason: string })[]
}

/** How many questions a kind takes at most. */
export function countPieces({ store }: Pick<FetchFieldDeps, 'store'>, kind: FieldKind, wanted: FieldWindow): number {
  return missingWindows(store.listWindows(kind), wanted)
    .map(({ fromMs, toMs }) => Math.ceil((toMs - fromMs) / pieceMs))
    .reduce((sum, pieces) => sum + pieces, 0)
}

/** One day at a time, so that fetched data is kept when the connection breaks. */
const pieceMs = dayMs

export async function fetchField(
  { api, store }: FetchFieldDeps,
  kind: FieldKind & { readonly stepSeconds: number },
  wanted: FieldWindow,
  { signal, onPiece }: { readonly signal?: AbortSignal; readonly onPiece?: () => void } = {},
): Promise<FetchFieldOutcome> {
  let [fetchedPrompts, refusedRows] = [0, 0]
  const failed: (FieldWindow & { reason: string })[] = []
  for (const missing of missingWindows(store.listWindows(kind), wanted)) {
    for (let fromMs = missing.fromMs; fromMs < missing.toMs; fromMs += pieceMs) {
      const window = { fromMs, toMs: Math.min(fromMs + pieceMs, missing.toMs) }
      onPiece?.()
      const answer: Rows<PublishedScore> | VenueFailure = await api.fetchScores({ ...kind, ...window }, signal)
      if (!answer.ok) {
        failed.push({ ...window, reason: signal?.aborted === true ? messageOf(signal.reason) : answer.message })
        continue
      }
      const prompts = groupByPrompt(kind, answer.rows)
      store.save(kind, window, prompts, answer.refusedRows)
      fetchedPrompts += prompts.length
      refusedRows += answer.refusedRows
    }
  }
  return { kind, fetchedPrompts, refusedRows, failed }
}

export function groupByPrompt(kind: FieldKind, rows: readonly PublishedScore[]): FieldPrompt[] {
  const prompts = new Map<number, Map<number, PublishedScore>>()
  for (const row of rows) {
    if (row.asset !== kind.asset || row.timeLengthSeconds !== kind.timeLengthSeconds) continue
    const miners = prompts.get(row.scoredAtMs) ?? new Map<number, PublishedScore>()
    prompts.set(row.scoredAtMs, miners)
    miners.set(row.minerUid, row)
  }
  return [...prompts]
    .sort(([a], [b]) => a - b)
    .map(([scoredAtMs, miners]) => ({
      asset: kind.asset,
      timeLengthSeconds: kind.timeLengthSeconds,
      scoredAtMs,
      miners: [...miners.values()]
        .sort((a, b) => a.minerUid - b.minerUid)
        .map(({ minerUid, crps, promptScore }) => ({ uid: minerUid, crps, promptScore })),
    }))
}
