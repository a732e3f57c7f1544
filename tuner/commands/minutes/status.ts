import type { z } from 'zod'
import type { Terminal } from '#core/base/cli/terminal'
import { writeJson } from '#core/base/cli/write-json'
import { pageWidth } from '#core/base/text/wrap-line'
import { formatBareMinute } from '#core/base/time/instant-text'
import { dayMs, minuteMs } from '#core/base/time/units'
import { describeCoverage, type KindSpan, minutesIn } from '#core/market/minutes/coverage'
import { drawCoverage } from '#core/market/minutes/coverage-picture'
import { keyOf } from '#core/market/minutes/minute-filler'
import type { MinuteSeries, ProvenanceRange } from '#core/market/minutes/minute-store'
import { formatInstant } from '#core/synth/regimes/instant'
import {
  chooseAssets,
  countMinutes,
  formatCount,
  lastFullMinuteMs,
  type MinutesCommandDeps,
  type MinutesContext,
  nameSeries,
  scoredSeries,
  withContext,
} from './context.ts'
import { MinutesStatusShape } from './shapes.ts'

export interface MinutesStatusOptions {
  readonly days: number
  readonly asset?: readonly string[]
  readonly gaps?: boolean
  readonly all?: boolean
  readonly json?: boolean
}

interface SeriesReport extends MinuteSeries {
  readonly isScored: boolean
  readonly closes: number
  readonly gaps: number
  readonly unknown: number
  readonly holes: readonly KindSpan[]
  readonly lastCloseMs: number | undefined
  readonly conflicts: number
  readonly ranges: readonly ProvenanceRange[]
  readonly picture: string
}

const shownHoles = { usually: 10, withGaps: 30 }

export async function showStatus(deps: MinutesCommandDeps, options: MinutesStatusOptions): Promise<void> {
  await withContext(deps, (context) => {
    const toMs = lastFullMinuteMs(deps.clock.nowMs())
    const fromMs = toMs - options.days * dayMs + minuteMs
    const reports = chooseAssets(context, options.asset).flatMap((asset) =>
      seriesOfAsset(context, asset, toMs).map((series) => reportSeries(context, series, { fromMs, toMs })),
    )
    if (options.json === true) writeJson(deps.terminal, MinutesStatusShape, toJson(reports, { fromMs, toMs }, options))
    else printReports(deps.terminal, reports, { fromMs, toMs }, options)
  })
}

/** The scored series first, even if nothing of it is stored, then the other series of the asset. */
function seriesOfAsset(
  context: MinutesContext,
  asset: string,
  nowMs: number,
): (MinuteSeries & { isScored: boolean })[] {
  const scored = scoredSeries(context, asset, nowMs)
  const stored = context.store.listSeries().filter((series) => series.asset === asset)
  const others = stored.filter((series) => scored === undefined || keyOf(series) !== keyOf(scored))
  return [
    ...(scored === undefined ? [] : [{ ...scored, isScored: true }]),
    ...others.map(({ venue, symbol }) => ({ asset, venue, symbol, isScored: false })),
  ]
}

function reportSeries(
  context: MinutesContext,
  { isScored, ...series }: MinuteSeries & { isScored: boolean },
  { fromMs, toMs }: { fromMs: number; toMs: number },
): SeriesReport {
  const slots = context.store.readSlots(series, fromMs, toMs)
  const { closes, gaps, unknown, holes } = describeCoverage(slots, fromMs)
  const stored = context.store.listSeries().find((other) => keyOf(other) === keyOf(series))
  return {
    ...series,
    isScored,
    closes,
    gaps,
    unknown,
    holes,
    lastCloseMs: context.store.lastClose(series, fromMs, toMs)?.openAtMs,
    conflicts: stored?.conflicts ?? 0,
    ranges: context.store.listRanges(series),
    picture: drawCoverage(slots, pageWidth - indent.length),
  }
}

const indent = '        '

function printReports(
  terminal: Terminal,
  reports: readonly SeriesReport[],
  range: { fromMs: number; toMs: number },
  options: MinutesStatusOptions,
): void {
  terminal.write(`Minutes from ${formatBareMinute(range.fromMs)} to ${formatBareMinute(range.toMs)} UTC`)
  if (reports.length === 0) {
    terminal.write('Nothing is stored and no asset is configured.')
    return
  }
  terminal.write('')
  terminal.write(
    `${'asset'.padEnd(8)}${'series'.padEnd(27)}${'closes'.padStart(10)}${'no trade'.padStart(10)}${'unknown'.padStart(10)}  last close`,
  )
  for (const report of reports) {
    const cells = [report.closes, report.gaps, report.unknown].map((count) => formatCount(count).padStart(10)).join('')
    const last = report.lastCloseMs === undefined ? 'never' : formatBareMinute(report.lastCloseMs).slice(5)
    terminal.write(`${report.asset.padEnd(8)}${nameSeries(report).slice(0, 26).padEnd(27)}${cells}  ${last}`)
    terminal.write(indent + paint(terminal, report))
    if (!report.isScored) terminal.write(`${indent}not what ${report.asset} is scored from now`)
    if (report.conflicts > 0) {
      terminal.write(
        `${indent}${formatCount(report.conflicts)} later closes differed from the stored ones and were not used`,
      )
    }
  }
  printHoles(terminal, reports, options)
  terminal.write('')
  terminal.write('█ all minutes known, ▁ to ▇ some of them, · none')
  terminal.write('no trade: the venue has no candle; unknown: it has not answered for that minute')
}

function printHoles(terminal: Terminal, reports: readonly SeriesReport[], options: MinutesStatusOptions): void {
  const holes = reports
    .filter((report) => report.isScored)
    .flatMap((report) => report.holes.map((hole) => ({ ...hole, asset: report.asset })))
    .filter((hole) => hole.kind === 'unknown' || options.gaps === true)
    .sort((a, b) => minutesIn(b) - minutesIn(a))
  if (holes.length === 0) return
  terminal.write('')
  terminal.write(`${'asset'.padEnd(8)}${'from'.padEnd(18)}${'to'.padEnd(18)}${'minutes'.padStart(8)}  kind`)
  const many = options.all === true ? holes.length : shownHoles[options.gaps === true ? 'withGaps' : 'usually']
  for (const hole of holes.slice(0, many)) {
    const times = [hole.fromMs, hole.toMs].map((atMs) => formatBareMinute(atMs).padEnd(18)).join('')
    const kind = hole.kind === 'unknown' ? 'unknown' : 'no trade'
    terminal.write(`${hole.asset.padEnd(8)}${times}${formatCount(minutesIn(hole)).padStart(8)}  ${kind}`)
  }
  const rest = holes.slice(many)
  if (rest.length > 0) {
    const minutes = rest.reduce((sum, hole) => sum + minutesIn(hole), 0)
    terminal.write(
      `${indent}and ${formatCount(rest.length)} shorter ones, ${countMinutes(minutes)} in all; --all lists them`,
    )
  }
}

function paint(terminal: Terminal, { unknown, picture }: SeriesReport): string {
  if (!terminal.hasColor) return picture
  return unknown === 0 ? `\u001b[32m${picture}\u001b[0m` : `\u001b[33m${picture}\u001b[0m`
}

function toJson(
  reports: readonly SeriesReport[],
  range: { fromMs: number; toMs: number },
  options: MinutesStatusOptions,
): z.input<typeof MinutesStatusShape> {
  const series = reports.map(({ picture: _, holes, ranges, lastCloseMs, ...report }) => ({
    ...report,
    lastClose: lastCloseMs === undefined ? null : formatInstant(lastCloseMs),
    holes: holes
      .filter((hole) => hole.kind === 'unknown' || options.gaps === true)
      .map((hole) => ({
        kind: hole.kind === 'unknown' ? ('unknown' as const) : ('gap' as const),
        from: formatInstant(hole.fromMs),
        to: formatInstant(hole.toMs),
        minutes: minutesIn(hole),
      })),
    ranges: ranges.map(({ fromMs, toMs, firstWrittenAtMs, lastWrittenAtMs, ...rest }) => ({
      ...rest,
      from: formatInstant(fromMs),
      to: formatInstant(toMs),
      firstWrittenAt: formatInstant(firstWrittenAtMs),
      lastWrittenAt: formatInstant(lastWrittenAtMs),
    })),
  }))
  return { from: formatInstant(range.fromMs), to: formatInstant(range.toMs), series }
}
