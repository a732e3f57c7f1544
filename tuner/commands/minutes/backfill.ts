import { writeJson } from '#core/base/cli/write-json'
import { StoreError, UsageError } from '#core/base/errors/app-error'
import { wrapLine } from '#core/base/text/wrap-line'
import { dayMs, minuteMs } from '#core/base/time/units'
import { describeCoverage, minutesIn } from '#core/market/minutes/coverage'
import { isPermanent, MinuteFiller } from '#core/market/minutes/minute-filler'
import type { MinuteSeries } from '#core/market/minutes/minute-store'
import { SeriesPlan } from '#core/market/minutes/series-plan'
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
import { BackfillShape } from './shapes.ts'

export interface BackfillOptions {
  readonly days: number
  readonly asset?: readonly string[]
  readonly json?: boolean
}

interface BackfillReport extends MinuteSeries {
  added: number
  gapsDeclared: number
  outOfReach: number
  /** Still unknown although the venue answered: mostly the newest, which wait for a later candle. */
  unsettled: number
  failure: string | undefined
}

/** Tries of one stretch before this run skips the series; three confirm a jump (core/market/gates/level-gate.ts). */
const triesPerAsk = 3
const pauseBetweenTriesMs = 2_000

export async function backfill(deps: MinutesCommandDeps, options: BackfillOptions): Promise<void> {
  await withContext({ ...deps, open: () => deps.open(true) }, async (context) => {
    const { terminal, clock } = deps
    const filler = new MinuteFiller(context)
    const wanted = chooseAssets(context, options.asset)
    const series = wanted.flatMap((asset) => scoredSeries(context, asset, clock.nowMs()) ?? [])
    if (series.length === 0) {
      throw new UsageError('ASSET_UNKNOWN', `The present rules do not score ${wanted.join(', ')}.`)
    }
    for (const one of series) filler.learnLevel(one, clock.nowMs())
    const reports: BackfillReport[] = []
    for (const one of series) {
      const report = await fillSeries(deps, context, filler, one, options)
      reports.push(report)
      if (options.json !== true) for (const line of describe(report)) terminal.write(line)
    }
    if (options.json === true) writeJson(terminal, BackfillShape, { series: reports.map(toJson) })
    const failed = reports.filter((report) => report.failure !== undefined)
    if (failed.length > 0) {
      throw new StoreError(
        'MINUTES_INCOMPLETE',
        `Not all minutes of ${failed.map((report) => report.asset).join(', ')} could be fetched: ${failed[0]!.failure}`,
      )
    }
  })
}

async function fillSeries(
  deps: MinutesCommandDeps,
  context: MinutesContext,
  filler: MinuteFiller,
  series: MinuteSeries,
  options: BackfillOptions,
): Promise<BackfillReport> {
  const { clock, terminal } = deps
  const report: BackfillReport = {
    ...series,
    added: 0,
    gapsDeclared: 0,
    outOfReach: 0,
    unsettled: 0,
    failure: undefined,
  }
  const toMs = lastFullMinuteMs(clock.nowMs())
  const fromMs = toMs - options.days * dayMs + minuteMs
  const plan = new SeriesPlan(context.store, series, { fromMs, toMs })
  let tries = 0
  let isLiveDone = false
  for (;;) {
    const nowMs = clock.nowMs()
    const ask = isLiveDone ? plan.nextHoleAsk(nowMs, fromMs) : plan.liveAsk(nowMs)
    if (ask === undefined) {
      if (isLiveDone) {
        const unknown = describeCoverage(context.store.readSlots(series, fromMs, toMs), fromMs).unknown
        report.unsettled = unknown - report.outOfReach
        return report
      }
      isLiveDone = true
      continue
    }
    const answer = await filler.ask(series, ask.span, { witnessToMs: ask.witnessToMs, origin: 'backfilled' })
    if (answer.ok) {
      tries = 0
      isLiveDone = true
      report.added += answer.outcome.added + answer.outcome.gapsFilled
      report.gapsDeclared += answer.outcome.gapsDeclared
      const { forgottenBeforeMs } = answer.settled
      for (const span of plan.noteAnswer(ask, { nowMs: clock.nowMs(), forgottenBeforeMs }))
        report.outOfReach += minutesIn(span)
      if (terminal.columns !== undefined) terminal.warn(`${series.asset}: ${countMinutes(report.added)} so far`)
      continue
    }
    tries += 1
    if (tries >= triesPerAsk || isPermanent(answer)) {
      report.failure = answer.message
      return report
    }
    await clock.sleep(answer.retryAfterMs ?? pauseBetweenTriesMs)
  }
}

function describe(report: BackfillReport): string[] {
  const parts = [`${countMinutes(report.added)} added`]
  if (report.gapsDeclared > 0) parts.push(`${formatCount(report.gapsDeclared)} without a trade`)
  if (report.outOfReach > 0) parts.push(`${formatCount(report.outOfReach)} that the venue no longer has`)
  if (report.unsettled > 0) parts.push(`${formatCount(report.unsettled)} not final yet`)
  if (report.failure !== undefined) parts.push(`stopped: ${report.failure}`)
  const head = `${report.asset.padEnd(8)}${nameSeries(report).padEnd(27)}`
  return wrapLine(`${head}${parts.join(', ')}`, { indent: ' '.repeat(head.length) })
}

function toJson({ failure, ...report }: BackfillReport) {
  return { ...report, failure: failure ?? null }
}
