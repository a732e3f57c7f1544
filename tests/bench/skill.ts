/** How well the models forecast recorded prices, walk-forward, scored as the subnet scores. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PriceSeriesFolder } from '#adapters/market-files/price-series-folder'
import { type Horizon, horizons } from '#core/synth/prompts/horizon'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { resolvePrediction } from '#core/synth/regimes/prediction'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { predictionRuleOf } from '#core/synth/scoring/prediction-rule'
import type { PredictionRule } from '#core/synth/scoring/score-prediction'
import type { BenchOptions, BenchResult } from '#tests/support/bench'
import { type PriorKind, Priors } from '#tests/support/skill/priors'
import { type Prompt, readPrompts } from '#tests/support/skill/prompt-file'
import { listPrompt, summarise } from '#tests/support/skill/summary'
import type { WalkedGroup } from '#tests/support/skill/walk-forward'
import { walkHorizons } from '#tests/support/skill/walk-plan'
import type { PlanReply } from '#tests/support/skill/walk-tasks'
import { WalkThreads } from '#tests/support/skill/walk-threads'

export const description = 'mean score of the models on recorded prices, against the best constant volatility'

const defaultMarket = join(import.meta.dirname, '..', '..', '..', 'shared', 'market')
const leastPrompts = 20
/** The volatility term of a baseline costs as much as all the rest; every so many prompts tell enough. */
const totalEvery = 8

interface Walk {
  readonly name: string
  readonly asset: string
  readonly horizon: Horizon
  readonly rule: PredictionRule
  readonly own: readonly Prompt[] | undefined
  readonly reply: PlanReply
}

export async function run(options: BenchOptions): Promise<BenchResult> {
  const market = options.market ?? defaultMarket
  if (!existsSync(market)) return { skipped: `no folder ${market}; name one with --market` }
  const limit = options.limit === undefined ? undefined : Math.max(1, Math.trunc(Number(options.limit)))
  const prompts = options.prompts === undefined ? undefined : readPrompts(options.prompts)
  const folder = new PriceSeriesFolder(market)
  const names = folder.listAssets()
  const wanted = options.assets?.split(',') ?? names
  const skipped: Record<string, string> = {}
  for (const { name, reason } of folder.listLeftOut()) skipped[name] = reason
  for (const name of wanted) if (!names.includes(name)) skipped[name] = 'no such file in the folder'
  const threads = new WalkThreads()
  try {
    const assets: Record<string, Partial<Record<Horizon, unknown>>> = {}
    const listed: unknown[] = []
    for (const horizon of horizons) {
      const walks = await Promise.all(names.map((name) => planOne(name, horizon)))
      const priors = new Priors(
        horizon,
        walks.flatMap(({ name, reply }) => (reply.ok ? [{ name, ...reply }] : [])),
      )
      await Promise.all(walks.map((walk) => walkOne(walk, priors)))
    }
    const unpaired = prompts?.filter(({ asset }) => !names.includes(asset)) ?? []
    for (const prompt of unpaired) listed.push(missed(prompt, 'no file of this asset'))
    const sorted = Object.fromEntries(Object.entries(assets).sort(([a], [b]) => (a < b ? -1 : 1)))
    return { assets: sorted, skipped, ...(prompts === undefined ? {} : { prompts: listed }) }

    async function planOne(name: string, horizon: Horizon): Promise<Walk> {
      const asset = name.replace(/_(perp|spot)$/, '')
      const { lengthSeconds } = walkHorizons[horizon]
      const own = prompts?.filter((prompt) => prompt.asset === name && prompt.timeLengthSeconds === lengthSeconds)
      const isWanted = wanted.includes(name) && own?.length !== 0
      const startsMs = isWanted ? own?.map(({ startAtMs }) => startAtMs) : []
      const reply = await threads.plan({ market, name, horizon, limit, startsMs })
      return { name, asset, horizon, rule: currentRule(asset, horizon), own: isWanted ? own : [], reply }
    }

    async function walkOne({ name, asset, horizon, rule, own, reply }: Walk, priors: Priors): Promise<void> {
      if (own?.length === 0) return
      const key = `${name} ${horizon}`
      if (!reply.ok) {
        skipped[key] = reply.reason
        for (const prompt of own ?? []) listed.push(missed(prompt, reply.reason))
        return
      }
      const kinds: Record<PriorKind, number> = { published: 0, pooled: 0, none: 0 }
      const groups = await Promise.all(
        reply.plan.groups.map((group, index) => {
          const prior = priors.find(name, asset, reply.isOpenAtWeekends, reply.knownToMs[index]!)
          kinds[prior.kind] += group.startsMs.length
          const totals = own === undefined && limit === undefined ? totalEvery : 1
          const walkOptions = { asset, horizon, rule, prior: prior.parameters, totalEvery: totals }
          return threads.walk({ market, name, horizon, group, options: walkOptions })
        }),
      )
      const scored = groups.flatMap((group) => group.prompts)
      if (own !== undefined) {
        const { lengthSeconds: timeLengthSeconds } = walkHorizons[horizon]
        for (const { startAtMs, reason } of reply.plan.missed)
          listed.push(missed({ asset: name, startAtMs, timeLengthSeconds }, reason))
      }
      const unscored = addUp(groups)
      for (const { reason } of reply.plan.missed) unscored[reason] = (unscored[reason] ?? 0) + 1
      if (scored.length < (own === undefined ? leastPrompts : 1)) {
        const why = Object.entries(unscored).map(([reason, count]) => `; ${count} ${reason}`)
        skipped[key] = `only ${scored.length} prompts after the warm-up can be scored${why.join('')}`
        return
      }
      const summary = summarise(
        scored,
        groups.map(({ tallies }) => tallies),
        horizon,
      )
      assets[name] = { ...assets[name], [horizon]: { ...summary, unscored, priors: kinds } }
      if (own !== undefined) listed.push(...scored.map((prompt) => listPrompt(name, horizon, prompt)))
      console.error(`${key}: ${summary.windows} windows, ratio ${summary.ratio} [${summary.ci.join(', ')}]`)
    }
  } finally {
    await threads.close()
  }
}

function missed({ asset, startAtMs, timeLengthSeconds }: Prompt, reason: string) {
  return { asset, start_time: new Date(startAtMs).toISOString(), time_length: timeLengthSeconds, skipped: reason }
}

function addUp(groups: readonly WalkedGroup[]): Record<string, number> {
  const total: Record<string, number> = {}
  for (const { unscored } of groups) {
    for (const [reason, count] of Object.entries(unscored)) total[reason] = (total[reason] ?? 0) + count
  }
  return total
}

/** An asset that is not asked for on this horizon today is scored as Bitcoin is. */
function currentRule(asset: string, horizon: Horizon): PredictionRule {
  const book = buildRegimeBook(builtInRegimes, undefined)
  const when = { timeLengthSeconds: walkHorizons[horizon].lengthSeconds, startAtMs: Date.now() }
  try {
    return predictionRuleOf(resolvePrediction(book, { ...when, asset }), 'totals')
  } catch {
    return predictionRuleOf(resolvePrediction(book, { ...when, asset: 'BTC' }), 'totals')
  }
}
