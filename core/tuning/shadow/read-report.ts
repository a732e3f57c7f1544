import { UsageError } from '#core/base/errors/app-error'
import { dayMs, hourMs, hourSeconds } from '#core/base/time/units'
import type { RegimeBook } from '#core/synth/regimes/book'
import { formatInstant } from '#core/synth/regimes/instant'
import { resolveAverageRules } from '#core/synth/regimes/resolve'
import {
  type FieldKind,
  type FieldPrompt,
  type FieldStore,
  type FieldWindow,
  missingWindows,
  startMsOf,
} from './field.ts'
import { fieldKindsAt } from './field-kinds.ts'
import type { UidRegistrations } from './hands.ts'
import type { ReadOwnScores } from './own-scores.ts'
import { reportShadow, type ShadowInput, type ShadowReport } from './report.ts'

export interface ShadowSources {
  readonly book: RegimeBook
  readonly store: FieldStore
  /** Undefined: no metagraph is stored. */
  readonly registrations: UidRegistrations | undefined
  readonly readScores: ReadOwnScores
  /** Nothing was ever served. */
  readonly isJournalEmpty: () => boolean
  /** When the requests of these prompts came, by their start; the journal may hold some of them only. */
  readonly readReceived: (kind: FieldKind, window: FieldWindow) => ReadonlyMap<number, number>
}

export interface ShadowQuestion
  extends Pick<ShadowInput, 'unrecorded' | 'isExternalOn' | 'mostUpdates' | 'fromMs' | 'nowMs'> {
  /** What was served, or a model that replay forecast with. */
  readonly model: string
  /** Where the scores of `model` are from. */
  readonly source: 'journal' | 'folder' | 'forecast'
  /** As if we had registered then; undefined: the first prompt that we answered. */
  readonly joinedAtMs: number | undefined
}

/** The report of a period from stored data. */
export interface StoredShadowReport extends ShadowReport {
  readonly fromMs: number
  readonly toMs: number
  readonly model: string
  /** Public scores that are not stored. */
  readonly gaps: readonly string[]
}

/** Later prompts may still be scored, so the stretch is not treated as complete. */
export const settlingMs = 6 * hourMs

export function readShadowReport(
  { book, store, registrations, readScores, readReceived, isJournalEmpty }: ShadowSources,
  { model, source, joinedAtMs, ...question }: ShadowQuestion,
): StoredShadowReport {
  const { fromMs, nowMs } = question
  const prompts: FieldPrompt[] = []
  const scores = new Map<string, number | null>()
  const received = new Map<string, ReadonlyMap<number, number>>()
  const missingOf = new Map<string, string[]>()
  let firstOwnMs = Number.POSITIVE_INFINITY
  for (const kind of fieldKindsAt(book, nowMs)) {
    const window = { fromMs: fromMs - longestWindowMs(book, kind, [fromMs, nowMs]), toMs: nowMs }
    prompts.push(...store.read(kind, window))
    const missing = missingWindows(store.listWindows(kind), { fromMs, toMs: nowMs - settlingMs })
    // Up to an hour is the end of one day's fetch, not a gap.
    const missingMs = missing.reduce((sum, gap) => sum + gap.toMs - gap.fromMs, 0)
    if (missingMs > 12 * hourMs) {
      const days = (missingMs / dayMs).toFixed(1)
      missingOf.set(days, [...(missingOf.get(days) ?? []), `${kind.asset} ${kind.timeLengthSeconds / hourSeconds}h`])
    }
    const lengthMs = kind.timeLengthSeconds * 1000
    const starts = { fromMs: window.fromMs - lengthMs, toMs: nowMs }
    received.set(`${kind.asset} ${kind.timeLengthSeconds}`, readReceived(kind, starts))
    const own = readScores(kind, starts, model)
    for (const { startAtMs, total } of own) {
      scores.set(`${kind.asset} ${kind.timeLengthSeconds} ${startAtMs}`, total)
      firstOwnMs = Math.min(firstOwnMs, startAtMs + lengthMs)
    }
  }
  if (scores.size === 0) {
    throw new UsageError('NOTHING_SCORED', `No scores of ${model} in this period.`, {
      hint: hintFor(source, isJournalEmpty),
    })
  }
  if (prompts.length === 0) throw nothingStored()
  const ourScore = (prompt: FieldPrompt) =>
    scores.get(`${prompt.asset} ${prompt.timeLengthSeconds} ${startMsOf(prompt)}`)
  if (source === 'folder' && !prompts.some((prompt) => ourScore(prompt) !== undefined)) {
    const { asset, timeLengthSeconds, ...example } = prompts.at(-1)!
    const startAt = formatInstant(example.scoredAtMs - timeLengthSeconds * 1000)
    throw new UsageError('NOTHING_SCORED', `No prediction in ${model} starts when a scored prompt did.`, {
      hint: `Both must start in the same second, such as ${asset} ${timeLengthSeconds / hourSeconds}h at ${startAt}.`,
    })
  }
  const gaps = [...missingOf].map(
    ([days, names]) => `public scores of ${days} days are not stored: ${names.join(', ')}`,
  )
  const report = reportShadow({
    ...{ ...question, book, prompts, ourScore, registrations },
    receivedAtMs: (prompt) => received.get(`${prompt.asset} ${prompt.timeLengthSeconds}`)?.get(startMsOf(prompt)),
    joinedAtMs: joinedAtMs ?? firstOwnMs,
  })
  return { fromMs, toMs: nowMs, model, ...report, gaps }
}

/** Under the rules of these instants: an hour's competition averages fewer days, and has most of the scores. */
function longestWindowMs(book: RegimeBook, { timeLengthSeconds }: FieldKind, updatesAtMs: readonly number[]): number {
  const days = updatesAtMs.flatMap((updateAtMs) =>
    resolveAverageRules(book, { updateAtMs })
      .competitions.filter((one) => one.timeLengthSeconds === timeLengthSeconds)
      .map(({ windowDays }) => windowDays),
  )
  return Math.max(...days) * dayMs
}

function hintFor(source: ShadowQuestion['source'], isJournalEmpty: () => boolean): string {
  if (source === 'folder') return 'Take a longer period with --days.'
  if (source === 'forecast') return 'Store minutes of earlier days with "tuner minutes backfill".'
  if (!isJournalEmpty()) return 'Run "tuner replay" first.'
  return 'The journal is empty. "tuner shadow --forecast calibrated" ranks a model without one.'
}

export function nothingStored(): UsageError {
  return new UsageError('NOTHING_SCORED', 'No public scores of this period are stored.', {
    hint: 'Run "tuner shadow fetch" first.',
  })
}
