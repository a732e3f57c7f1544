/** How well the models forecast recorded prices, walk-forward, scored as the subnet scores. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { PriceSeriesFolder } from '#adapters/market-files/price-series-folder'
import { buildRegimeBook } from '#core/regimes/book'
import { parseInstantMs } from '#core/regimes/instant'
import { resolvePrediction } from '#core/regimes/prediction'
import { builtInRegimes } from '#core/regimes/table/built-in'
import { predictionRuleOf } from '#core/scoring/prediction-rule'
import type { PredictionRule } from '#core/scoring/score-prediction'
import { type BenchOptions, type BenchResult, rounded } from '#tests/support/bench'
import { ratioInterval } from '#tests/support/skill/bootstrap'
import { type PromptScore, type ScoredPrompt, type Walk, walkForward } from '#tests/support/skill/walk-forward'

export const description = 'mean score of the models on recorded prices, against the best constant volatility'

const defaultMarket = join(import.meta.dirname, '..', '..', '..', 'shared', 'market')
const horizons = { low: 86_400, high: 3600 } as const
type Horizon = keyof typeof horizons
/** A week, a day: prompts overlap, and volatility lasts. */
const blockLengths: Readonly<Record<Horizon, number>> = { low: 56, high: 72 }
const leastPrompts = 20

const promptList = z.array(z.object({ asset: z.string(), start_time: z.string(), time_length: z.number() }))
type Prompt = z.infer<typeof promptList>[number]

export async function run(options: BenchOptions): Promise<BenchResult> {
  const market = options.market ?? defaultMarket
  if (!existsSync(market)) return { skipped: `no folder ${market}; name one with --market` }
  const limit = options.limit === undefined ? undefined : Math.max(1, Math.trunc(Number(options.limit)))
  const prompts = options.prompts === undefined ? undefined : readPrompts(options.prompts)
  const wanted = options.assets?.split(',')
  const assets: Record<string, Partial<Record<Horizon, unknown>>> = {}
  const skipped: Record<string, string> = {}
  const listed: unknown[] = []
  const folder = new PriceSeriesFolder(market)
  for (const name of folder.listAssets().filter((candidate) => wanted?.includes(candidate) ?? true)) {
    const asset = name.replace(/_(perp|spot)$/, '')
    for (const horizon of Object.keys(horizons) as Horizon[]) {
      const own = prompts?.filter((prompt) => prompt.asset === name && prompt.time_length === horizons[horizon])
      if (own?.length === 0) continue
      const series = horizon === 'low' ? folder.readLow(name) : folder.readHigh(name)
      if (series === undefined) continue
      const startsMs = own?.map(startMsOf)
      const walk = walkForward(series, { name, asset, horizon, rule: currentRule(asset, horizon), limit, startsMs })
      if (walk.prompts.length < (own === undefined ? leastPrompts : 1)) {
        skipped[`${name} ${horizon}`] = `${walk.prompts.length} prompts can be scored after the warm-up`
        continue
      }
      const summary = summarise(walk, horizon)
      assets[name] = { ...assets[name], [horizon]: summary }
      if (own !== undefined) listed.push(...walk.prompts.map((prompt) => listing(name, horizon, prompt)))
      console.error(`${name} ${horizon}: ${summary.windows} windows, ratio ${summary.ratio} [${summary.ci.join(', ')}]`)
    }
  }
  return { assets, skipped, ...(prompts === undefined ? {} : { prompts: listed }) }
}

function readPrompts(file: string): readonly Prompt[] {
  return promptList.parse(JSON.parse(readFileSync(file, 'utf8')))
}

function startMsOf({ start_time }: Prompt): number {
  const startMs = parseInstantMs(start_time)
  if (startMs === undefined) throw new Error(`"${start_time}" is no instant with a zone.`)
  return startMs
}

/** An asset that is not asked for on this horizon today is scored as Bitcoin is. */
function currentRule(asset: string, horizon: Horizon): PredictionRule {
  const book = buildRegimeBook(builtInRegimes, undefined)
  const when = { timeLengthSeconds: horizons[horizon], startAtMs: Date.now() }
  try {
    return predictionRuleOf(resolvePrediction(book, { ...when, asset }), 'totals')
  } catch {
    return predictionRuleOf(resolvePrediction(book, { ...when, asset: 'BTC' }), 'totals')
  }
}

function summarise({ prompts, errors }: Walk, horizon: Horizon) {
  const constantMeans = [0, 1, 2].map((i) => mean(prompts.map((prompt) => prompt.constants[i]!.price)))
  const best = constantMeans.indexOf(Math.min(...constantMeans))
  const bestOf = (part: keyof PromptScore) => prompts.map((prompt) => prompt.constants[best]![part])
  const ours = (part: keyof PromptScore) => prompts.map((prompt) => prompt.calibrated[part])
  const seed = prompts.map((prompt) => prompt.seed.price)
  const references = prompts.flatMap((prompt) => (prompt.reference === undefined ? [] : [prompt.reference.price]))
  const interval = (a: readonly number[], b: readonly number[]) =>
    ratioInterval(a, b, Math.min(blockLengths[horizon], prompts.length)).map((value) => rounded(value, 4))
  return {
    windows: prompts.length,
    reference: references.length === 0 ? null : rounded(mean(references)),
    best_of_three: rounded(constantMeans[best]!),
    seed: rounded(mean(seed)),
    calibrated: rounded(mean(ours('price'))),
    ratio: rounded(mean(ours('price')) / constantMeans[best]!, 4),
    ci: interval(ours('price'), bestOf('price')),
    seed_ratio: rounded(mean(seed) / constantMeans[best]!, 4),
    seed_ci: interval(seed, bestOf('price')),
    // The volatility term included, where the rules have one.
    total_ratio: rounded(mean(ours('total')) / mean(bestOf('total')), 4),
    best_days: [1, 7, 30][best],
    from: new Date(prompts[0]!.startAtMs).toISOString(),
    to: new Date(prompts.at(-1)!.startAtMs).toISOString(),
    calibration: errors.report(),
  }
}

function listing(asset: string, horizon: Horizon, prompt: ScoredPrompt) {
  const { startAtMs, reference, constants, seed, calibrated } = prompt
  return {
    asset,
    start_time: new Date(startAtMs).toISOString(),
    time_length: horizons[horizon],
    reference: reference?.total ?? null,
    constants: constants.map(({ total }) => total),
    seed: seed.total,
    calibrated: calibrated.total,
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
