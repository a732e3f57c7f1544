import { hourSeconds } from '#core/base/time/units'
import type { AssetScoreRow, ValidatorTally } from './tally.ts'

const widths = [9, 8, 12, 12, 12, 16, 11, 12, 17] as const

export const tableNote = 'lower is better; below 1.000 this miner is ahead'

/** The scores as people read them: one block for each length, the assets in it, and all of them together. */
export function scoreTable(tally: Pick<ValidatorTally, 'rows' | 'totals'>): string[] {
  const rows = tally.rows()
  return tally.totals().flatMap((total) => {
    const own = rows.filter(({ timeLengthSeconds }) => timeLengthSeconds === total.timeLengthSeconds)
    return [
      '',
      lineOf([
        horizonName(total.timeLengthSeconds),
        'prompts',
        'reference',
        'seed',
        'ours',
        'ours/reference',
        'ours/seed',
        // The model may serve one asset of several: the total has no such column then.
        ...(own.some(({ calibrated }) => calibrated !== undefined) ? ['calibrated', 'ours/calibrated'] : []),
      ]),
      ...own.map(lineOfRow),
      lineOfRow(total),
    ]
  })
}

export function horizonName(timeLengthSeconds: number): string {
  return `${timeLengthSeconds / hourSeconds}h`
}

/** Below 1: ours is better. */
export function ratio(ours: number, theirs: number | null): number | null {
  return theirs === null || !(theirs > 0) ? null : ours / theirs
}

function lineOfRow(row: AssetScoreRow): string {
  return lineOf([
    row.asset,
    String(row.prompts),
    scoreText(row.reference),
    scoreText(row.seed),
    scoreText(row.ours),
    ratioText(ratio(row.ours, row.reference)),
    ratioText(ratio(row.ours, row.seed)),
    ...(row.calibrated === undefined ? [] : [scoreText(row.calibrated), ratioText(ratio(row.ours, row.calibrated))]),
  ])
}

function scoreText(score: number | null): string {
  return score === null ? '-' : score.toFixed(1)
}

function ratioText(value: number | null): string {
  return value === null ? '-' : value.toFixed(3)
}

function lineOf(cells: readonly string[]): string {
  const [first = '', ...others] = cells
  return `  ${first.padEnd(widths[0])}${others.map((cell, i) => cell.padStart(widths[i + 1]!)).join('')}`
}
