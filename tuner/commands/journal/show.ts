import type { z } from 'zod'
import { type Printed, writeJson } from '#core/base/cli/write-json'
import { findPrediction } from '#core/forecast/journal/find-prediction'
import type { PathsReading } from '#core/forecast/journal/journal'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'
import { formatInstant } from '#core/synth/regimes/instant'
import { type JournalCommandDeps, withJournal } from './context.ts'
import { answeredToJson } from './record-json.ts'
import { JournalShowShape } from './shapes.ts'

type Shown = Printed<z.input<typeof JournalShowShape>>

/** One prediction, and whether its prices are there and are the ones that were served. */
export function showPrediction(deps: JournalCommandDeps, id: string, options: { readonly json?: boolean }): void {
  withJournal(deps, (context) => {
    const record = findPrediction(context.reader, id)
    const shown = { ...toJson(record), prices: describePrices(context.reader.readPaths(record.id)) }
    if (options.json === true) writeJson(deps.terminal, JournalShowShape, shown)
    else for (const line of describe(shown)) deps.terminal.write(line)
  })
}

function toJson(record: PredictionRecord): Omit<Shown, 'prices'> {
  const { receivedAtMs, madeAtMs, model, price, recipe, outputHash, stageMs } = record
  return {
    ...answeredToJson(record),
    ...{ receivedAt: formatInstant(receivedAtMs), madeAt: formatInstant(madeAtMs) },
    ...{ parametersHash: model.parametersHash, parameters: model.parameters },
    price: { usd: price.usd, publishedAt: formatInstant(price.publishedAtMs), venue: price.venue },
    ...{ samplerVersion: recipe.samplerVersion, seed: String(recipe.seed), outputHash, stageMs: stages(stageMs) },
  }
}

function stages(stageMs: PredictionRecord['stageMs']): Record<string, number> {
  return Object.fromEntries(Object.entries(stageMs).filter(([, ms]) => ms !== undefined))
}

function describePrices(reading: PathsReading): Shown['prices'] {
  if (!reading.ok) return { readable: false, reason: reading.reason, detail: reading.detail }
  const { pathCount, pointCount, values } = reading.paths
  const last = Array.from({ length: pathCount }, (_, path) => values[(path + 1) * pointCount - 1]!).sort(
    (a, b) => a - b,
  )
  const at = (share: number) => last[Math.min(pathCount - 1, Math.floor(share * pathCount))]!
  const ends = { p05: at(0.05), p25: at(0.25), median: at(0.5), p75: at(0.75), p95: at(0.95) }
  return { readable: true, from: reading.origin === 'blob' ? 'stored' : 'made again', pathCount, pointCount, ends }
}

function describe({ prices, price, parameters, stageMs, ...shown }: Shown): string[] {
  const { lambda, df, sigmaCapDaily, shrinkHigh } = parameters
  const stages = Object.entries(stageMs).map(([name, ms]) => `${name} ${ms.toFixed(0)}`)
  const { asset, lengthSeconds, stepSeconds, pathCount } = shown
  return [
    shown.id,
    `  asked     ${asset} for ${lengthSeconds} s by ${stepSeconds} s, ${pathCount} paths, from ${shown.start}`,
    `  received  ${shown.receivedAt}, made ${shown.madeAt}`,
    `  answered  ${shown.model} ${shown.modelVersion.slice(0, 16)} (${shown.rung})${shown.isDegraded ? ', degraded' : ''}`,
    `  kept as   ${shown.reason}`,
    `  price     ${price.usd} USD of ${price.venue}, ${price.publishedAt}`,
    `  numbers   lambda ${lambda}, df ${df}, cap ${sigmaCapDaily}, shrink ${shrinkHigh} (${shown.parametersHash})`,
    ...(stages.length === 0 ? [] : [`  took      ${stages.join(', ')} ms`]),
    `  seed      ${shown.seed}, sampler ${shown.samplerVersion}`,
    `  output    ${shown.outputHash}`,
    ...describeEnds(prices),
  ]
}

function describeEnds(prices: Shown['prices']): string[] {
  if (!prices.readable) return [`  prices    cannot be read: ${prices.detail}`]
  const { from, pathCount, pointCount, ends } = prices
  const names = ['5 %', '25 %', 'median', '75 %', '95 %']
  const last = Object.values(ends).map((price, at) => `${names[at]} ${Number(price.toPrecision(6))}`)
  return [`  prices    ${pathCount} x ${pointCount}, ${from}; at the end:`, `    ${last.join(', ')}`]
}
