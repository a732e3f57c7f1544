import type { Command } from 'commander'
import { examples } from '#core/base/cli/examples'
import type { Terminal } from '#core/base/cli/terminal'
import { writeJson } from '#core/base/cli/write-json'
import { textTable } from '#core/base/text/text-table'
import { hourSeconds } from '#core/base/time/units'
import { formatInstant } from '#core/synth/regimes/instant'
import type { ExplainedPrediction } from '#core/tuning/diagnosis/explain'
import { ExplainShape, viewExplanation } from '#core/tuning/views/explanation-view'

/** A prediction with its paths and its rules; a problem is thrown as a sentence. */
export interface ExplainContext {
  explain(predictionId: string, options: { readonly regime: string | undefined }): Promise<ExplainedPrediction>
  close(): void
}

export interface ExplainCommandDeps {
  readonly open: () => ExplainContext
  readonly terminal: Terminal
}

export function addExplainCommand(program: Command, deps: ExplainCommandDeps): void {
  program
    .command('explain')
    .description("show where one prediction's score came from: intervals, and the moves that cost most")
    .argument('<prediction>', 'name of the prediction, see "tuner journal list"; the hash at its end may be omitted')
    .option('--regime <id>', 'score by these rules instead of those of the date')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `\n"Expected" is the average score if the forecast were the truth: the rest is luck\nor a wrong width.\n${examples('tuner explain BTC-3600s-20260925T120000Z', 'tuner explain BTC-86400s-20260925T000000Z --json')}`,
    )
    .action(async (id: string, options: { regime?: string; json?: boolean }) => {
      const context = deps.open()
      try {
        const explained = await context.explain(id, { regime: options.regime })
        if (options.json === true) writeJson(deps.terminal, ExplainShape, viewExplanation(explained))
        else for (const line of explainLines(explained)) deps.terminal.write(line)
      } finally {
        context.close()
      }
    })
}

export function explainLines(prediction: ExplainedPrediction): string[] {
  const { explanation, id, asset, startAtMs, timeLengthSeconds, model, rung, regime } = prediction
  const head = [
    `${asset}, ${timeLengthSeconds / hourSeconds} h from ${formatInstant(startAtMs)} (${id})`,
    `forecast by ${model} (${rung}), scored by ${regime}`,
  ]
  if (explanation.total === null) return [...head, '', `Not scored: ${explanation.problem}.`]
  const total = explanation.total
  const parts = explanation.parts.map(({ name, crps, expected, increments }) => [
    name,
    String(increments),
    crps.toFixed(2),
    expected.toFixed(2),
    signed(crps - expected),
    `${((100 * crps) / total).toFixed(1)} %`,
  ])
  const blocks = explanation.volatility.map(({ name, crps, weight }) => [
    name,
    '',
    (crps * weight).toFixed(2),
    '',
    '',
    `${((100 * crps * weight) / total).toFixed(1)} %`,
  ])
  const dearest = explanation.dearest.map((move) => [
    move.interval,
    clockText(move.fromMs),
    clockText(move.toMs),
    move.real.toFixed(1),
    move.forecastSd.toFixed(1),
    `${(100 * move.quantile).toFixed(1)} %`,
    signed(move.crps - move.expected),
  ])
  return [
    ...head,
    '',
    ...textTable(['interval', 'moves', 'CRPS', 'expected', 'difference', 'share'], [...parts, ...blocks]),
    '',
    `total ${total.toFixed(2)}`,
    '',
    ...textTable(['dearest moves', 'from', 'to', 'real', 'forecast sd', 'quantile', 'cost'], dearest),
  ]
}

function clockText(atMs: number): string {
  return new Date(atMs).toISOString().slice(5, 16).replace('T', ' ')
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : ''}${value.toFixed(2)}`
}
