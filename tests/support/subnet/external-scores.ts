import type { ExternalCompetition } from '#core/synth/regimes/regime'
import { readJson } from '#core/synth/scoring/answer-json'
import { plainValueAt } from '#core/synth/scoring/json-tape'
import { parsePythonFloat, parsePythonInt } from '#core/synth/scoring/python-number'

export interface ExternalScore {
  readonly uid: number
  readonly score: number
}

export type ExternalScores =
  | { readonly ok: true; readonly scores: readonly ExternalScore[] }
  /** This cycle has no blend. `raised`: the validator's parser itself fails on this body. */
  | { readonly ok: false; readonly reason: 'unreadable' | 'empty' | 'placeholder' | 'raised' }

export type ExternalScoreRule = Pick<ExternalCompetition, 'zeroScore' | 'degenerate'>

/** Body of an external scorer: rows of uid, weight and mean score. A bad row is dropped, the others count. */
export function parseExternalScores(body: string, rule: ExternalScoreRule): ExternalScores {
  const reading = readJson(body)
  const document = reading.ok ? plainValueAt(reading.tape, 0) : null
  if (!isRecord(document)) return { ok: false, reason: 'unreadable' }
  const rows = rowsOf(document)
  if (rows === null) return { ok: false, reason: 'raised' }
  const scores = new Map<number, number>()
  for (const row of rows) {
    const participant = readParticipant(row, rule)
    // If a uid is repeated, the last row counts, in the position of the first.
    if (participant !== null) scores.set(participant.uid, participant.score)
  }
  if (scores.size === 0) return { ok: false, reason: 'empty' }
  if (rule.degenerate === 'skip' && isOneScore([...scores.values()])) return { ok: false, reason: 'placeholder' }
  return { ok: true, scores: [...scores].map(([uid, score]) => ({ uid, score })) }
}

function rowsOf(document: Record<string, unknown>): readonly unknown[] | null {
  if (!Object.hasOwn(document, 'scores')) return []
  const { scores } = document
  if (Array.isArray(scores)) return scores
  // Python iterates over the characters of a text and the keys of an object; none of these is a row.
  return typeof scores === 'string' || isRecord(scores) ? [] : null
}

function readParticipant(row: unknown, rule: ExternalScoreRule): ExternalScore | null {
  if (!isRecord(row)) return null
  const uid = asInt(row.uid)
  const weight = asFloat(row.weight)
  const score = asFloat(row.mean_crps)
  if (uid === null || weight === null || score === null) return null
  // Written as refusals, so that NaN passes, as in the validator.
  if (weight <= 0 || score < 0) return null
  if (rule.zeroScore === 'dropped' && score <= 0) return null
  return { uid, score }
}

function isOneScore(scores: readonly number[]): boolean {
  return scores.length > 1 && scores.every((score) => score === scores[0])
}

function asInt(value: unknown): number | null {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return Number.isFinite(value) ? Math.trunc(value) : null
  return typeof value === 'string' ? parsePythonInt(value) : null
}

function asFloat(value: unknown): number | null {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return value
  return typeof value === 'string' ? parsePythonFloat(value) : null
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
