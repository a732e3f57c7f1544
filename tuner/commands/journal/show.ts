import { writeJson } from '#core/base/cli/write-json'
import { findPrediction } from '#core/forecast/journal/find-prediction'
import { JournalShowShape, type ShownPrediction, viewPrediction } from '#core/forecast/journal/journal-view'
import { blendName } from '#core/forecast/models/model-names'
import { horizonOf } from '#core/synth/prompts/horizon'
import { type JournalCommandDeps, withJournal } from './context.ts'

/** One prediction, and whether its prices are stored and are the served ones. */
export function showPrediction(deps: JournalCommandDeps, id: string, options: { readonly json?: boolean }): void {
  withJournal(deps, (context) => {
    const record = findPrediction(context.reader, id)
    const shown = viewPrediction(record, context.reader.readPaths(record.id))
    if (options.json === true) writeJson(deps.terminal, JournalShowShape, shown)
    else for (const line of describe(shown)) deps.terminal.write(line)
  })
}

function describe({ prices, price, parameters, stageMs, ...shown }: ShownPrediction): string[] {
  const horizon = horizonOf(shown.lengthSeconds)
  const shares = Object.entries(parameters.blend[horizon])
  const tuned = Object.entries(parameters.calibrated?.[horizon] ?? {})
  const { lambda, df, sigmaCapDaily, shrinkHigh } = parameters
  const stages = Object.entries(stageMs).map(([name, ms]) => `${name} ${ms.toFixed(0)}`)
  const { asset, lengthSeconds, stepSeconds, pathCount } = shown
  return [
    shown.id,
    `  asked     ${asset} for ${lengthSeconds} s by ${stepSeconds} s, ${pathCount} paths, from ${shown.start}`,
    `  received  ${shown.receivedAt}, made ${shown.madeAt}`,
    `  answered  ${shown.model} ${shown.modelVersion.slice(0, 16)} (${shown.rung})${shown.isDegraded ? ', degraded' : ''}`,
    ...(shown.model === blendName ? [`  of        ${shares.map((share) => share.join(' ')).join(', ')}`] : []),
    `  kept as   ${shown.reason}${shown.event === undefined ? '' : `, ${shown.event}`}`,
    `  price     ${price.usd} USD of ${price.venue}, ${price.publishedAt}`,
    `  numbers   lambda ${lambda}, df ${df}, cap ${sigmaCapDaily}, shrink ${shrinkHigh} (${shown.parametersHash})`,
    ...(tuned.length === 0
      ? []
      : [`  tuned     ${tuned.map(([name, value]) => `${typedName(name)}_${horizon} ${value}`).join(', ')}`]),
    ...(stages.length === 0 ? [] : [`  took      ${stages.join(', ')} ms`]),
    `  seed      ${shown.seed}, sampler ${shown.samplerVersion}`,
    `  output    ${shown.outputHash}`,
    ...describeEnds(prices),
  ]
}

/** As a proposal names it: `levelSd` is `level_sd`. */
function typedName(field: string): string {
  return field.replace(/[A-Z]/, (letter) => `_${letter.toLowerCase()}`)
}

function describeEnds(prices: ShownPrediction['prices']): string[] {
  if (!prices.readable) return [`  prices    cannot be read: ${prices.detail}`]
  const { from, pathCount, pointCount, ends } = prices
  const names = ['5 %', '25 %', 'median', '75 %', '95 %']
  const last = Object.values(ends).map((price, at) => `${names[at]} ${Number(price.toPrecision(6))}`)
  return [`  prices    ${pathCount} x ${pointCount}, ${from}; at the end:`, `    ${last.join(', ')}`]
}
