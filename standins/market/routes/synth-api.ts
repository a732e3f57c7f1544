import { dayMs, minuteMs } from '#core/base/time/units'
import type {
  AnswerCheck,
  DailyPool,
  LeaderboardRow,
  PublishedRegistration,
  PublishedReward,
  PublishedScore,
} from '#core/market/venues/synth-api'
import { horizonOf } from '#core/synth/prompts/horizon'
import type { StandInAnswer, StandInRoute } from '../route.ts'
import type { VenueView } from '../venue-view.ts'

/**
 * What the network's validators would have published. The stand-in does not score by itself: a validator tells it the
 * scores.
 */
export interface ScoreBook {
  scores(): readonly PublishedScore[]
  rewards(): readonly (PublishedReward & { readonly competitionSlug: string })[]
  leaderboard(): readonly LeaderboardRow[]
  dailyPools(): readonly DailyPool[]
  registrations(): readonly PublishedRegistration[]
  answerCheck(minerUid: number): AnswerCheck | undefined
}

export const emptyScoreBook: ScoreBook = {
  scores: () => [],
  rewards: () => [],
  leaderboard: () => [],
  dailyPools: () => [],
  registrations: () => [],
  answerCheck: () => undefined,
}

const settleMs = 90_000

/** The public API: prompts on a regular grid (one an hour for a day's length, one in ten minutes for an hour's). */
export function synthApiRoutes(assets: readonly string[], book: ScoreBook): StandInRoute[] {
  return [
    {
      method: 'GET',
      path: '/validation/realized-path',
      answer(view, { query }) {
        const asked = readKind(query)
        const startAtMs = toMs(query.get('start_time'))
        if (asked === undefined || startAtMs === undefined)
          return badRequest('asset, start_time and lengths are required')
        const prices = assets.includes(asked.asset) ? realisedPath(view, asked, startAtMs) : undefined
        if (prices === undefined) return notFound('No realized path available')
        return {
          value: {
            start_time: toIso(startAtMs),
            asset: view.answeredAsset(asked.asset),
            time_increment: asked.timeIncrement,
            time_length: asked.timeLength,
            real_prices: prices,
          },
        }
      },
    },
    {
      method: 'GET',
      path: '/validation/prompts',
      answer(view, { query }) {
        const asked = readKind(query)
        const fromMs = toMs(query.get('from'))
        const toEndMs = toMs(query.get('to'))
        if (asked === undefined || fromMs === undefined || toEndMs === undefined)
          return badRequest('a parameter is missing')
        if (toEndMs - fromMs > 60 * dayMs) return badRequest('the range is longer than 60 days')
        const everyMs = horizonOf(asked.timeLength) === 'low' ? 60 * minuteMs : 10 * minuteMs
        const starts: string[] = []
        const first = Math.ceil((fromMs - minuteMs) / everyMs) * everyMs + minuteMs
        for (let atMs = first; atMs <= Math.min(toEndMs, view.nowMs); atMs += everyMs) starts.push(toIso(atMs))
        const isKnown = assets.includes(asked.asset) && starts.length > 0
        return { value: { start_times: isKnown ? starts : null } }
      },
    },
    {
      method: 'GET',
      path: '/validation/scores/latest',
      answer(_, { query }) {
        const rows = book.scores().filter((row) => isOfKind(row, query))
        const newestMs = rows.reduce((newest, row) => Math.max(newest, row.scoredAtMs), 0)
        return { value: rows.filter((row) => row.scoredAtMs === newestMs).map(scoreRow) }
      },
    },
    {
      method: 'GET',
      path: '/validation/scores/historical',
      answer(_, { query }) {
        const fromMs = toMs(query.get('from'))
        const toEndMs = toMs(query.get('to'))
        if (fromMs === undefined || toEndMs === undefined) return badRequest('from and to are required')
        if (toEndMs - fromMs > 2 * dayMs) return badRequest('the range is longer than two days')
        // The end counts by day.
        const endMs = Math.floor(toEndMs / dayMs) * dayMs + dayMs
        const uid = query.get('miner_uid')
        const rows = book
          .scores()
          .filter((row) => isOfKind(row, query) && row.scoredAtMs >= fromMs && row.scoredAtMs < endMs)
          .filter((row) => uid === null || row.minerUid === Number(uid))
        return rows.length === 0 ? notFound('No scores found') : { value: rows.map(scoreRow) }
      },
    },
    {
      method: 'GET',
      path: '/rewards/scores',
      answer(_, { query }) {
        const fromMs = toMs(query.get('from'))
        const toEndMs = toMs(query.get('to'))
        if (fromMs === undefined || toEndMs === undefined) return badRequest('from and to are required')
        if (toEndMs - fromMs > 7 * dayMs) return badRequest('the range is longer than seven days')
        const rows = book
          .rewards()
          .filter((row) => row.competitionSlug === query.get('competition'))
          .filter((row) => row.updatedAtMs >= fromMs && row.updatedAtMs < toEndMs + dayMs)
        return rows.length === 0 ? notFound('No rewards found') : { value: rows.map(rewardRow) }
      },
    },
    {
      method: 'GET',
      path: '/miners/registrations/historical',
      answer(_, { query }) {
        const fromMs = toMs(query.get('from'))
        const toEndMs = toMs(query.get('to'))
        if (fromMs === undefined || toEndMs === undefined) return badRequest('from and to are required')
        const rows = book.registrations().filter(({ createdAtMs }) => createdAtMs >= fromMs && createdAtMs <= toEndMs)
        return rows.length === 0 ? notFound('No registrations found') : { value: rows.map(registrationRow) }
      },
    },
    { method: 'GET', path: '/v2/leaderboard/latest', answer: () => ({ value: book.leaderboard().map(boardRow) }) },
    { method: 'GET', path: '/v2/meta-leaderboard/latest', answer: () => ({ value: book.leaderboard().map(boardRow) }) },
    {
      method: 'GET',
      path: '/validation/miner',
      answer(_, { query }) {
        const check = book.answerCheck(Number(query.get('uid')))
        if (check === undefined) return notFound('Miner not found')
        const seconds = check.responseSeconds === undefined ? null : check.responseSeconds.toFixed(2)
        return { value: { validated: check.isValid, reason: check.reason, response_time: seconds } }
      },
    },
    {
      method: 'GET',
      path: '/monitoring/v1/miners/rewards/pool',
      answer(_, { query }) {
        const from = query.get('from') ?? ''
        const to = query.get('to') ?? ''
        const rows = book.dailyPools().filter(({ day }) => day >= from && day <= to)
        return { value: { source: 'stand-in', rows: rows.map(({ day, usd }) => ({ date: day, usd })) } }
      },
    },
  ]
}

interface AskedKind {
  readonly asset: string
  readonly timeLength: number
  readonly timeIncrement: number
}

function readKind(query: URLSearchParams): AskedKind | undefined {
  const asset = query.get('asset')
  const timeLength = Number(query.get('time_length'))
  const timeIncrement = Number(query.get('time_increment'))
  return asset !== null && timeLength > 0 && timeIncrement > 0 ? { asset, timeLength, timeIncrement } : undefined
}

/** Built from final candles as the validator does: null if there is none; without the last one there is no path. */
function realisedPath(view: VenueView, asked: AskedKind, startAtMs: number): (number | string | null)[] | undefined {
  if (startAtMs % minuteMs !== 0 || view.nowMs < startAtMs + asked.timeLength * 1000 + settleMs) return undefined
  const asset = view.answeredAsset(asked.asset)
  const prices: (number | string | null)[] = []
  for (let seconds = 0; seconds <= asked.timeLength; seconds += asked.timeIncrement) {
    prices.push(view.candle(asset, startAtMs + seconds * 1000)?.close ?? null)
  }
  return prices.at(-1) === null ? undefined : prices
}

function isOfKind(row: PublishedScore, query: URLSearchParams): boolean {
  const asset = query.get('asset')
  const length = query.get('time_length')
  return (asset === null || row.asset === asset) && (length === null || row.timeLengthSeconds === Number(length))
}

function scoreRow(row: PublishedScore) {
  return {
    asset: row.asset,
    crps: row.crps,
    miner_uid: row.minerUid,
    prompt_score: row.promptScore,
    scored_time: toIso(row.scoredAtMs),
    time_length: row.timeLengthSeconds,
  }
}

function rewardRow(row: PublishedReward) {
  return {
    miner_uid: row.minerUid,
    smoothed_score: row.smoothedScore,
    reward_weight: row.rewardWeight,
    prompt_name: row.competitionLabel,
    updated_at: toIso(row.updatedAtMs),
  }
}

function registrationRow({ minerUid, hotkey, createdAtMs }: PublishedRegistration) {
  return { miner_uid: minerUid, hotkey, created_at: toIso(createdAtMs) }
}

function boardRow(row: LeaderboardRow) {
  const common = { coldkey: '', ip_address: '' }
  return { updated_at: toIso(row.updatedAtMs), neuron_uid: row.minerUid, rewards: row.rewards, ...common }
}

function toMs(text: string | null): number | undefined {
  const atMs = Date.parse(text ?? '')
  return Number.isFinite(atMs) ? atMs : undefined
}

function toIso(atMs: number): string {
  return new Date(atMs).toISOString().replace('.000Z', 'Z')
}

function badRequest(message: string): StandInAnswer {
  return { status: 400, value: { message } }
}

function notFound(message: string): StandInAnswer {
  return { status: 404, value: { message } }
}
