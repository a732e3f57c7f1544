import { dayMs } from '#core/base/time/units'
import { medianOf } from '#core/synth/scoring/median'
import { missedScore } from '#core/synth/scoring/prompt-scores'
import type { FieldPrompt } from '../shadow/field.ts'
import { hourText, inOrder, quarterText, weekdayText } from './groups.ts'
import { type Ratio, ratioOfPairs } from './ratio-by-days.ts'
import type { ScoredPrediction } from './scored-prediction.ts'

/**
 * Our totals among all public ones. The public scores are totals of whole prompts: the start of a prompt is known, the
 * scores of its intervals are not. So there is no comparison by interval.
 */
export interface FieldComparison {
  readonly all: FieldGroup
  /** By the start of the prompt. */
  readonly byHour: readonly FieldGroup[]
  readonly byQuarterOfDay: readonly FieldGroup[]
  readonly byWeekday: readonly FieldGroup[]
  /** By the forecast volatility. */
  readonly byVolatility: readonly FieldGroup[]
}

export interface FieldGroup {
  readonly group: string
  readonly prompts: number
  /** Among miners that answered, us included: 1 is the best. */
  readonly medianRank: number
  readonly miners: number
  /** Mean share of answering miners that were better: 0 is the best, 1 the last. */
  readonly behind: number
  /** Our mean over the mean of the field's medians, and of its best: below 1 ours is better. */
  readonly versusMedian: Ratio
  readonly versusBest: Ratio
}

/** The public scores of an asset and length whose predicted period ended from `fromMs` to `toMs`. */
export type ReadField = (
  kind: { readonly asset: string; readonly timeLengthSeconds: number },
  window: { readonly fromMs: number; readonly toMs: number },
) => readonly FieldPrompt[]

interface Standing {
  readonly row: ScoredPrediction
  readonly rank: number
  readonly miners: number
  readonly median: number
  readonly best: number
}

/** Null if none of our prompts is among the stored public scores. */
export function compareWithField(
  own: readonly ScoredPrediction[],
  readField: ReadField,
  blockDays: number,
  volatilityOf: (row: ScoredPrediction) => string | undefined,
): FieldComparison | null {
  const standings = findStandings(own, readField)
  if (standings.length === 0) return null
  const by = (sort: (row: ScoredPrediction) => string | undefined): FieldGroup[] => {
    const groups = new Map<string, Standing[]>()
    for (const standing of standings) {
      const name = sort(standing.row)
      if (name === undefined) continue
      groups.set(name, [...(groups.get(name) ?? []), standing])
    }
    return [...groups].sort(([a], [b]) => inOrder(a, b)).map(([group, some]) => summarise(group, some, blockDays))
  }
  return {
    all: summarise('all', standings, blockDays),
    byHour: by(({ startAtMs }) => hourText(startAtMs)),
    byQuarterOfDay: by(({ startAtMs }) => quarterText(startAtMs)),
    byWeekday: by(({ startAtMs }) => weekdayText(startAtMs)),
    byVolatility: by(volatilityOf),
  }
}

function findStandings(own: readonly ScoredPrediction[], readField: ReadField): Standing[] {
  const byDay = new Map<number, Map<number, ScoredPrediction>>()
  for (const row of own) {
    if (row.total === null) continue
    const endAtMs = row.startAtMs + row.timeLengthSeconds * 1000
    const day = Math.floor(endAtMs / dayMs)
    const rows = byDay.get(day) ?? new Map<number, ScoredPrediction>()
    byDay.set(day, rows)
    rows.set(endAtMs, row)
  }
  // One day at a time: all scores of a month would be gigabytes.
  return [...byDay]
    .sort(([a], [b]) => a - b)
    .flatMap(([day, rows]) => {
      const [first] = rows.values()
      if (first === undefined) return []
      const window = { fromMs: day * dayMs, toMs: (day + 1) * dayMs - 1 }
      return readField(first, window).flatMap((prompt): Standing[] => {
        const row = rows.get(prompt.scoredAtMs)
        const valid = prompt.miners.map(({ crps }) => crps).filter((crps) => crps !== missedScore)
        if (row?.total === null || row === undefined || valid.length === 0) return []
        const better = valid.filter((crps) => crps < row.total!).length
        const miners = valid.length + 1
        return [{ row, rank: better + 1, miners, median: medianOf(valid), best: Math.min(...valid) }]
      })
    })
}

function summarise(group: string, standings: readonly Standing[], blockDays: number): FieldGroup {
  const versus = (theirs: (standing: Standing) => number): Ratio =>
    ratioOfPairs(
      standings.map((standing) => ({
        startAtMs: standing.row.startAtMs,
        ours: standing.row.total!,
        theirs: theirs(standing),
      })),
      blockDays,
    )!
  return {
    group,
    prompts: standings.length,
    medianRank: medianOf(standings.map(({ rank }) => rank)),
    miners: medianOf(standings.map(({ miners }) => miners)),
    behind: standings.reduce((sum, { rank, miners }) => sum + (rank - 1) / (miners - 1), 0) / standings.length,
    versusMedian: versus(({ median }) => median),
    versusBest: versus(({ best }) => best),
  }
}
