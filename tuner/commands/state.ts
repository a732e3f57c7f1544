import { type Command, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { examples } from '#core/base/cli/examples'
import { QuietExit } from '#core/base/cli/quiet-exit'
import type { Terminal } from '#core/base/cli/terminal'
import { writeJson } from '#core/base/cli/write-json'
import { exitCodes } from '#core/base/errors/codes'
import { counted } from '#core/base/text/counted'
import { textTable } from '#core/base/text/text-table'
import { formatBareMinute } from '#core/base/time/instant-text'
import type { StateComparison } from '#core/forecast/models/states/compare-states'
import { horizonLabel } from '#core/synth/prompts/horizon'

export interface StateContext {
  compare(threshold: number): readonly StateComparison[]
  close(): void
}

export interface StateCommandDeps {
  readonly open: () => StateContext
  readonly terminal: Terminal
}

interface DiffOptions {
  readonly threshold: number
  readonly all?: boolean
  readonly exitCode?: boolean
  readonly json?: boolean
}

const Ratio = z.number().nonnegative().nullable()
export const StateDiffShape = z.strictObject({
  thresholdPercent: z.number(),
  different: z.int().describe('how many parts differ, are damaged, new or removed'),
  parts: z.array(
    z.strictObject({
      asset: z.string(),
      part: z.enum(['ewma', 'low', 'high']).describe('low: the memory of 24h forecasts, high: of 1h forecasts'),
      verdict: z.enum(['same', 'differs', 'new', 'removed', 'damaged']),
      seenToMs: z.int().nullable().describe('opening of the last minute that the stored state has read'),
      difference: Ratio.describe(
        'stored against rebuilt up to that minute; 0.01 is one per cent; null: not comparable',
      ),
      movedSince: Ratio.describe('change of the level from the stored state to the newest minute'),
      stored: Ratio.describe('basis points per step'),
      live: Ratio.describe('basis points per step, rebuilt up to the newest minute'),
    }),
  ),
})

export function addStateCommand(program: Command, deps: StateCommandDeps): void {
  const state = program.command('state').description('the volatility states that forecasts start from')
  state
    .command('diff')
    .description('compare the stored states with what the stored minutes give')
    .option('--threshold <percent>', 'a smaller difference does not count', percent, 1)
    .option('--all', 'also list what does not differ')
    .option('--exit-code', 'end with 1 if anything differs')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('tuner state diff', 'tuner state diff --all --threshold 0.1'))
    .action((options: DiffOptions) => showDifferences(deps, options))
}

function showDifferences({ open, terminal }: StateCommandDeps, options: DiffOptions): void {
  const context = open()
  let parts: readonly StateComparison[]
  try {
    parts = context.compare(options.threshold / 100)
  } finally {
    context.close()
  }
  const different = parts.filter(({ verdict }) => verdict !== 'same')
  if (options.json === true) {
    const view = { thresholdPercent: options.threshold, different: different.length, parts: [...parts] }
    writeJson(terminal, StateDiffShape, view)
  } else {
    const shown = options.all === true ? parts : different
    if (shown.length > 0) for (const line of table(shown)) terminal.write(line)
    terminal.write(conclusion(parts, different, options.threshold))
  }
  if (options.exitCode === true && different.length > 0) throw new QuietExit(exitCodes.failed)
}

function table(parts: readonly StateComparison[]): readonly string[] {
  const rows = parts.map(({ asset, part, verdict, seenToMs, difference, stored, live, movedSince }) => [
    asset,
    part === 'ewma' ? part : horizonLabel(part),
    verdict,
    seenToMs === null ? '-' : formatBareMinute(seenToMs),
    percentText(difference),
    stored === null ? '-' : stored.toFixed(2),
    live === null ? '-' : live.toFixed(2),
    percentText(movedSince),
  ])
  return [
    ...textTable(['asset', 'part', 'verdict', 'stored at', 'differs', 'stored', 'live', 'moved'], rows),
    '',
    'stored, live: typical move in basis points: of a minute, for 24h of five',
    'differs: stored against rebuilt up to the same minute; moved: since then',
    '',
  ]
}

function conclusion(parts: readonly StateComparison[], different: readonly StateComparison[], threshold: number) {
  if (parts.length === 0) return 'No state is stored and no minute is recorded.'
  if (different.length === 0) return `${counted(parts.length, 'part')}: none differs by more than ${threshold} %.`
  return `${different.length} of ${counted(parts.length, 'part')} differ. The next start of the miner rebuilds damaged ones.`
}

function percentText(value: number | null): string {
  return value === null ? '-' : `${(100 * value).toFixed(2)} %`
}

function percent(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value <= 100)) {
    throw new InvalidArgumentError('It must be a number from 0 to 100.')
  }
  return value
}
