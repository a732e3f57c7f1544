import { writeJson } from '#core/base/cli/write-json'
import { counted } from '#core/base/text/counted'
import { formatBareMinute } from '#core/base/time/instant-text'
import { JournalStatusShape, viewJournalStatus } from '#core/forecast/journal/journal-view'
import { horizonLabel, horizonOf, horizonSeconds } from '#core/synth/prompts/horizon'
import { formatMegabytes, type JournalCommandDeps, withJournal } from './context.ts'

export interface JournalStatusOptions {
  readonly json?: boolean
}

export function showStatus(deps: JournalCommandDeps, options: JournalStatusOptions): void {
  const summary = withJournal(deps, ({ reader }) => reader.summarize())
  const { series, pathsBytes, unrepeatable } = summary
  const { terminal } = deps
  if (options.json === true) {
    writeJson(terminal, JournalStatusShape, viewJournalStatus(summary))
    return
  }
  const total = series.reduce((sum, { count }) => sum + count, 0)
  if (total === 0) {
    terminal.write('The journal is empty.')
    return
  }
  terminal.write(`${counted(total, 'prediction')}, ${formatMegabytes(pathsBytes)} MB of prices`)
  terminal.write('')
  terminal.write(
    `${'asset'.padEnd(8)}${'prompt'.padEnd(8)}${'kept'.padStart(8)}${'prices'.padStart(8)}${'MB'.padStart(9)}  first start       last start`,
  )
  for (const own of series) {
    const counts = `${String(own.count).padStart(8)}${String(own.withPaths).padStart(8)}`
    const range = `${formatBareMinute(own.firstStartMs)}  ${formatBareMinute(own.lastStartMs)}`
    const name = `${own.asset.padEnd(8)}${nameHorizon(own.lengthSeconds).padEnd(8)}`
    terminal.write(`${name}${counts}${formatMegabytes(own.pathsBytes).padStart(9)}  ${range}`)
    if (own.degraded > 0) terminal.write(`${' '.repeat(8)}${own.degraded} of them degraded`)
  }
  terminal.write('')
  terminal.write('prices: how many have them stored; the others are made again from the recipe')
  if (unrepeatable > 0) {
    terminal.write(`${counted(unrepeatable, 'prediction')} cannot be made again by this release, and keep their prices`)
  }
}

function nameHorizon(lengthSeconds: number): string {
  const horizon = horizonOf(lengthSeconds)
  return lengthSeconds === horizonSeconds[horizon] ? horizonLabel(horizon) : `${lengthSeconds}s ${horizon}`
}
