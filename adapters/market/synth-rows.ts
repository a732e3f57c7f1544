import { isObject, type OpenObject } from '#core/base/json/open-object'
import { toPrice } from '#core/market/venues/price-number'
import type {
  AnswerCheck,
  DailyPool,
  LeaderboardRow,
  PublishedRegistration,
  PublishedReward,
  PublishedScore,
  RealisedPathFound,
  Rows,
} from '#core/market/venues/synth-api'
import { type VenueFailure, venueFailure } from '#core/market/venues/venue'

/** The public API's rows, field by field; undefined for a row of another shape. */
export function readScore(row: OpenObject): PublishedScore | undefined {
  const { asset, crps, miner_uid: minerUid, prompt_score: promptScore, scored_time: scored } = row
  const { time_length: timeLengthSeconds } = row
  const scoredAtMs = toMs(scored)
  if (typeof asset !== 'string' || !isFiniteNumber(crps) || !isUid(minerUid) || !isFiniteNumber(promptScore))
    return undefined
  if (scoredAtMs === undefined || !isFiniteNumber(timeLengthSeconds)) return undefined
  return { asset, minerUid, crps, promptScore, scoredAtMs, timeLengthSeconds }
}

export function readReward(row: OpenObject): PublishedReward | undefined {
  const { miner_uid: minerUid, smoothed_score: smoothedScore, reward_weight: rewardWeight } = row
  const { prompt_name: competitionLabel, updated_at: updated } = row
  const updatedAtMs = toMs(updated)
  if (!isUid(minerUid) || !isFiniteNumber(smoothedScore) || !isFiniteNumber(rewardWeight)) return undefined
  if (typeof competitionLabel !== 'string' || updatedAtMs === undefined) return undefined
  return { minerUid, smoothedScore, rewardWeight, competitionLabel, updatedAtMs }
}

export function readRegistration(row: OpenObject): PublishedRegistration | undefined {
  const { miner_uid: minerUid, hotkey, created_at: created } = row
  const createdAtMs = toMs(created)
  if (!isUid(minerUid) || typeof hotkey !== 'string' || createdAtMs === undefined) return undefined
  // An address has 48 characters.
  if (hotkey === '' || hotkey.length > 100) return undefined
  return { minerUid, hotkey, createdAtMs }
}

export function readLeaderboardRow(row: OpenObject): LeaderboardRow | undefined {
  const { neuron_uid: minerUid, rewards, updated_at: updated } = row
  const updatedAtMs = toMs(updated)
  if (!isUid(minerUid) || !isFiniteNumber(rewards) || updatedAtMs === undefined) return undefined
  return { minerUid, rewards, updatedAtMs }
}

export function readDailyPool(row: OpenObject): DailyPool | undefined {
  const { date: day, usd } = row
  return typeof day === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(day) && isFiniteNumber(usd) && usd >= 0
    ? { day, usd }
    : undefined
}

export function readAnswerCheck(value: unknown): ({ ok: true } & AnswerCheck) | VenueFailure {
  if (!isObject(value) || typeof value['validated'] !== 'boolean') {
    return venueFailure('malformed', 'Synth API: the check of an answer has another shape')
  }
  const reason = typeof value['reason'] === 'string' ? value['reason'] : ''
  const seconds = Number(value['response_time'])
  const responseSeconds = value['response_time'] !== null && Number.isFinite(seconds) ? seconds : undefined
  return { ok: true, isValid: value['validated'], reason, responseSeconds }
}

export interface AskedPath {
  readonly asset: string
  readonly startAtMs: number
  readonly pointCount: number
}

/** Refuses an array of another length, of another prompt, or with anything but prices and nulls. */
export function readRealisedPath(asked: AskedPath, value: unknown): RealisedPathFound | VenueFailure {
  const points = isObject(value) ? value['real_prices'] : undefined
  if (!isObject(value) || !Array.isArray(points)) {
    return venueFailure('malformed', 'Synth API: a realised path has another shape')
  }
  const isOther =
    (value['asset'] !== undefined && value['asset'] !== asked.asset) ||
    (value['start_time'] !== undefined && toMs(value['start_time']) !== asked.startAtMs)
  if (isOther) return venueFailure('wrongFeed', `Synth API: asked for ${asked.asset}, another prompt's path came`)
  if (points.length !== asked.pointCount) {
    return venueFailure('malformed', `Synth API: a path of ${points.length} points, not ${asked.pointCount}`)
  }
  const prices = new Float64Array(points.length)
  for (const [i, point] of (points as unknown[]).entries()) {
    const price = point === null ? Number.NaN : toPrice(point)
    if (price === undefined) {
      return venueFailure('invalidPrice', `Synth API: point ${i} of the path is neither a price nor null`)
    }
    prices[i] = price
  }
  return { ok: true, prices }
}

/** `start_times` is null when there are none. */
export function readPromptStarts(value: unknown): Rows<number> | VenueFailure {
  const times = isObject(value) ? value['start_times'] : undefined
  if (times === null) return { ok: true, rows: [], refusedRows: 0 }
  if (!Array.isArray(times)) return venueFailure('malformed', 'Synth API: the list of prompts has another shape')
  const rows = (times as unknown[]).map(toMs).filter((atMs) => atMs !== undefined)
  return { ok: true, rows, refusedRows: times.length - rows.length }
}

export function readRows<T>(value: unknown, read: (row: OpenObject) => T | undefined): Rows<T> | VenueFailure {
  if (value === null) return { ok: true, rows: [], refusedRows: 0 }
  if (!Array.isArray(value)) return venueFailure('malformed', 'Synth API: not a list of rows')
  const rows = (value as unknown[])
    .map((row) => (isObject(row) ? read(row) : undefined))
    .filter((row) => row !== undefined)
  return { ok: true, rows, refusedRows: value.length - rows.length }
}

function toMs(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}T/.test(value)) return undefined
  const atMs = Date.parse(value)
  return Number.isFinite(atMs) ? atMs : undefined
}

/** 16 bits on the chain. */
function isUid(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 65_536
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
