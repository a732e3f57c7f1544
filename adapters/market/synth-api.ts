import { isObject } from '#core/base/json/open-object'
import type { Rng } from '#core/base/random/rng'
import type { Clock } from '#core/base/time/clock'
import { dayMs } from '#core/base/time/units'
import { retryDelayMs } from '#core/market/venues/retry-delay'
import type { PromptKind, Rows, SynthApi } from '#core/market/venues/synth-api'
import { type VenueFailure, venueFailure } from '#core/market/venues/venue'
import { type HttpFailure, type JsonAnswer, type RequestLimits, requestJson, urlUnder } from './http-json.ts'
import {
  readAnswerCheck,
  readDailyPool,
  readLeaderboardRow,
  readPromptStarts,
  readRealisedPath,
  readRegistration,
  readReward,
  readRows,
  readScore,
} from './synth-rows.ts'

export interface SynthApiOptions {
  readonly baseUrl: string
  /** Another host publishes the reward pool. */
  readonly monitoringUrl: string
  /** The open tier allows about two. */
  readonly requestsPerSecond: number
  readonly tries: number
  readonly limits: RequestLimits
}

/** What the API answers in one call: more is refused or silently cut. */
const scoreWindowMs = dayMs
const promptWindowMs = 60 * dayMs
/** Seven days would be accepted: but 720 updates of 256 miners are some 26 MB. */
const rewardWindowMs = dayMs
const registrationWindowMs = 30 * dayMs
const largestRewards = 64 * 2 ** 20
const poolWindowMs = 366 * dayMs

/**
 * No key, two requests a second, three tries on 429 and 5xx; long ranges are requested in the windows that it answers.
 */
export function createSynthApi(deps: { clock: Clock; rng: Rng }, options: SynthApiOptions): SynthApi {
  const ask = createAsker(deps, options)
  const askApi = (path: string, query: Query, signal: AbortSignal | undefined, limits = options.limits) =>
    ask(urlUnder(options.baseUrl, path, query), signal, limits)
  const rewardLimits = {
    deadlineMs: 3 * options.limits.deadlineMs,
    maxAnswerBytes: Math.max(largestRewards, options.limits.maxAnswerBytes),
  }

  async function askWindows<T>(
    range: { fromMs: number; toMs: number },
    windowMs: number,
    askWindow: (fromMs: number, toMs: number) => Promise<Rows<T> | VenueFailure>,
    keyOf: (row: T) => string,
  ): Promise<Rows<T> | VenueFailure> {
    // Windows overlap at their ends, and the API reads an end as a day: rows may come twice.
    const rows = new Map<string, T>()
    let refusedRows = 0
    let fromMs = range.fromMs
    do {
      const toMs = Math.min(fromMs + windowMs, range.toMs)
      const answer = await askWindow(fromMs, toMs)
      if (!answer.ok) return answer
      for (const row of answer.rows) rows.set(keyOf(row), row)
      refusedRows += answer.refusedRows
      fromMs = toMs
    } while (fromMs < range.toMs)
    return { ok: true, rows: [...rows.values()], refusedRows }
  }

  return {
    async fetchRealisedPath(prompt, signal) {
      const query = { ...kindQuery(prompt), start_time: toIso(prompt.startAtMs) }
      const answer = await askApi('validation/realized-path', query, signal)
      if (!answer.ok) return withoutHttp(answer)
      const pointCount = Math.floor(prompt.timeLengthSeconds / prompt.stepSeconds) + 1
      return readRealisedPath({ asset: prompt.asset, startAtMs: prompt.startAtMs, pointCount }, answer.value)
    },

    fetchPromptStarts(query, signal) {
      const askWindow = async (fromMs: number, toMs: number): Promise<Rows<number> | VenueFailure> => {
        const window = { ...kindQuery(query), from: toIso(fromMs), to: toIso(toMs) }
        const answer = await askApi('validation/prompts', window, signal)
        if (!answer.ok) return noRows(answer)
        return within(readPromptStarts(answer.value), query, (startAtMs) => startAtMs)
      }
      return askWindows(query, promptWindowMs, askWindow, String)
    },

    async fetchLatestScores(query, signal) {
      const answer = await askApi('validation/scores/latest', kindQuery(query), signal)
      return answer.ok ? readRows(answer.value, readScore) : noRows(answer)
    },

    fetchScores(query, signal) {
      const uid: Query = query.minerUid === undefined ? {} : { miner_uid: query.minerUid }
      const askWindow = async (fromMs: number, toMs: number) => {
        const window = { ...kindQuery(query), ...uid, from: toIso(fromMs), to: toIso(toMs) }
        const answer = await askApi('validation/scores/historical', window, signal)
        if (!answer.ok) return noRows(answer)
        return within(readRows(answer.value, readScore), query, (score) => score.scoredAtMs)
      }
      return askWindows(query, scoreWindowMs, askWindow, (score) =>
        [score.asset, score.timeLengthSeconds, score.scoredAtMs, score.minerUid].join(' '),
      )
    },

    fetchRewards(query, signal) {
      const askWindow = async (fromMs: number, toMs: number) => {
        const window = { from: toDay(fromMs), to: toDay(toMs), competition: query.competitionSlug }
        const answer = await askApi('rewards/scores', window, signal, rewardLimits)
        return answer.ok ? readRows(answer.value, readReward) : noRows(answer)
      }
      return askWindows(query, rewardWindowMs, askWindow, (reward) => `${reward.updatedAtMs} ${reward.minerUid}`)
    },

    fetchRegistrations(query, signal) {
      const askWindow = async (fromMs: number, toMs: number) => {
        const window = { from: toIso(fromMs), to: toIso(toMs) }
        const answer = await askApi('miners/registrations/historical', window, signal)
        if (!answer.ok) return noRows(answer)
        return within(readRows(answer.value, readRegistration), query, (row) => row.createdAtMs)
      }
      return askWindows(query, registrationWindowMs, askWindow, (row) => `${row.minerUid} ${row.hotkey}`)
    },

    async fetchLeaderboard(board, signal) {
      const answer = await askApi(`v2/${board}/latest`, {}, signal)
      return answer.ok ? readRows(answer.value, readLeaderboardRow) : noRows(answer)
    },

    fetchDailyPools(query, signal) {
      const askWindow = async (fromMs: number, toMs: number) => {
        const window = { from: toDay(fromMs), to: toDay(toMs) }
        const answer = await ask(urlUnder(options.monitoringUrl, 'v1/miners/rewards/pool', window), signal)
        if (!answer.ok) return noRows(answer)
        return readRows(isObject(answer.value) ? answer.value['rows'] : undefined, readDailyPool)
      }
      return askWindows(query, poolWindowMs, askWindow, (pool) => pool.day)
    },

    async fetchAnswerCheck(minerUid, signal) {
      const answer = await askApi('validation/miner', { uid: minerUid }, signal)
      return answer.ok ? readAnswerCheck(answer.value) : withoutHttp(answer)
    },
  }
}

type Query = Readonly<Record<string, string | number>>

/** One request at a time in its slot, retried while the problem is the server's. */
function createAsker(deps: { clock: Clock; rng: Rng }, options: SynthApiOptions) {
  let nextSlotMs = Number.NEGATIVE_INFINITY
  const waitForSlot = async (signal: AbortSignal | undefined) => {
    const nowMs = deps.clock.monotonicMs()
    const slotMs = Math.max(nowMs, nextSlotMs)
    nextSlotMs = slotMs + 1000 / options.requestsPerSecond
    if (slotMs > nowMs) await deps.clock.sleep(slotMs - nowMs, signal)
  }
  return async (
    url: URL,
    signal: AbortSignal | undefined,
    limits = options.limits,
  ): Promise<JsonAnswer | HttpFailure> => {
    try {
      for (let attempt = 1; ; attempt += 1) {
        await waitForSlot(signal)
        const answer = await requestJson({ url }, limits, signal)
        if (answer.ok || attempt >= options.tries || !isWorthAnotherTry(answer)) return answer
        const delays = { firstMs: 1000, maxMs: 30_000 }
        await deps.clock.sleep(retryDelayMs(delays, attempt, deps.rng, answer.retryAfterMs), signal)
      }
    } catch (error) {
      // Only a cancelled sleep throws here.
      if (signal?.aborted === true) return venueFailure('cancelled', `${url.host}${url.pathname}: cancelled`)
      throw error
    }
  }
}

function isWorthAnotherTry({ reason }: VenueFailure): boolean {
  return reason === 'rateLimited' || reason === 'serverError' || reason === 'timeout' || reason === 'unreachable'
}

/** For a list, "there is nothing" is an answer. */
function noRows(answer: HttpFailure): Rows<never> | VenueFailure {
  return isNothingFound(answer) ? { ok: true, rows: [], refusedRows: 0 } : withoutHttp(answer)
}

function withoutHttp(answer: HttpFailure): VenueFailure {
  return venueFailure(isNothingFound(answer) ? 'noData' : answer.reason, answer.message, answer.retryAfterMs)
}

/** The API says 404 with its own message; a 404 without one comes from a wrong address. */
function isNothingFound({ status, detail }: HttpFailure): boolean {
  return status === 404 && isObject(detail)
}

function within<T>(
  answer: Rows<T> | VenueFailure,
  range: { fromMs: number; toMs: number },
  atMsOf: (row: T) => number,
): Rows<T> | VenueFailure {
  if (!answer.ok) return answer
  return { ...answer, rows: answer.rows.filter((row) => atMsOf(row) >= range.fromMs && atMsOf(row) <= range.toMs) }
}

function kindQuery({ asset, timeLengthSeconds, stepSeconds }: PromptKind): Query {
  return { asset, time_length: timeLengthSeconds, time_increment: stepSeconds }
}

function toIso(atMs: number): string {
  return new Date(atMs).toISOString().replace('.000Z', 'Z')
}

function toDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10)
}
