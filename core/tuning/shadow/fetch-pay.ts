import type { MinuteHistory } from '#core/market/venues/minute-history'
import type { SynthApi } from '#core/market/venues/synth-api'
import type { MinersPay } from './earnings.ts'
import type { FieldWindow } from './field.ts'
import { fetchTaoPrices, taoSymbol } from './tao-price.ts'

export interface PaySources {
  readonly api: Pick<SynthApi, 'fetchDailyPools'>
  readonly taoHistory: Pick<MinuteHistory, 'fetchMinutes'>
}

/** What is missing is missing: no pool and no price is made up, and `problems` says why. */
export async function fetchPay(
  { api, taoHistory }: PaySources,
  period: FieldWindow,
  nowMs: number,
  /** `days`: those whose price of TAO is needed, besides the newest; default: all. A year would be hundreds of requests. */
  { signal, days }: { readonly signal?: AbortSignal; readonly days?: ReadonlySet<string> } = {},
): Promise<{ readonly pay: MinersPay; readonly problems: string[] }> {
  const none = { usdByDay: new Map<string, number>(), problem: undefined }
  const answer = await api.fetchDailyPools(period, signal)
  if (!answer.ok) {
    return {
      pay: { pools: [], tao: none },
      problems: [`the pools of these days could not be fetched, so that no earnings are known: ${answer.message}`],
    }
  }
  const pools = answer.rows.toSorted((a, b) => a.day.localeCompare(b.day))
  if (pools.length === 0) {
    return {
      pay: { pools, tao: none },
      problems: ['no pool of these days is published, so that no earnings are known'],
    }
  }
  const tao = await fetchTaoPrices(
    taoHistory,
    pools.map(({ day }) => day).filter((day, i) => days?.has(day) !== false || i === pools.length - 1),
    nowMs,
    signal,
  )
  return {
    pay: { pools, tao },
    problems: tao.problem === undefined ? [] : [`earnings in TAO need the price ${taoSymbol}: ${tao.problem}`],
  }
}
