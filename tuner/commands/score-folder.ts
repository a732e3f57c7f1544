import { z } from 'zod'
import { InputError, StoreError } from '#core/base/errors/app-error'
import { Count, Instant } from '#core/base/json/shape-parts'
import { counted } from '#core/base/text/counted'
import { textTable } from '#core/base/text/text-table'
import { wrapLine } from '#core/base/text/wrap-line'
import { hourSeconds } from '#core/base/time/units'
import { formatInstant } from '#core/synth/regimes/instant'
import type { FolderScores } from '#core/tuning/prediction-files/score-folder'
import { summariseFiles } from '#core/tuning/prediction-files/summarise-files'

export const FolderShape = z.strictObject({
  folder: z.string(),
  fresh: Count.describe('scored by this run; the others had their score'),
  left: Count.describe('not reached, because the run was stopped'),
  groups: z.array(
    z.strictObject({
      asset: z.string(),
      timeLengthSeconds: z.int(),
      predictions: Count,
      scored: Count,
      misses: Count.describe('the validator would count them as no answer'),
      unreadable: Count,
      mean: z.number().nullable().describe('of the scored ones'),
      realisedCoverage: z
        .number()
        .nullable()
        .describe('share of the points of the realised paths that have a price: compare at equal coverage only'),
      pathCounts: z.array(Count),
    }),
  ),
  predictions: z.array(
    z.strictObject({
      file: z.string(),
      row: z.int().describe('of a file of a day; 0 otherwise'),
      asset: z.string(),
      startAt: Instant,
      timeLengthSeconds: z.int(),
      regime: z.string(),
      storage: z.enum(['float64', 'float32']),
      pathCount: Count,
      total: z.number().nullable(),
      problem: z.string().nullable(),
      detail: z.string(),
      realPoints: Count,
      realKnown: Count,
    }),
  ),
  waiting: z
    .array(z.strictObject({ file: z.string(), asset: z.string(), startAt: Instant, reason: z.string() }))
    .describe('without real prices'),
  strange: z
    .array(z.strictObject({ file: z.string(), reason: z.string() }))
    .describe('no prediction of a known prompt'),
})

export function viewFolder({
  folder,
  scores,
  fresh,
  waiting,
  strange,
  left,
}: FolderScores): z.input<typeof FolderShape> {
  return {
    ...{ folder, fresh, left },
    groups: summariseFiles(scores).map((group) => ({ ...group, pathCounts: [...group.pathCounts] })),
    predictions: scores.map(({ startAtMs, byteCount: _, modifiedAtMs: __, isPublished: ___, ...score }) => ({
      ...score,
      startAt: formatInstant(startAtMs),
    })),
    waiting: waiting.map(({ file, asset, startAtMs, message }) => ({
      ...{ file, asset, startAt: formatInstant(startAtMs), reason: message },
    })),
    strange: [...strange],
  }
}

const mostShown = 5

export function folderLines({ scores, fresh, waiting, strange, left }: FolderScores): string[] {
  const groups = summariseFiles(scores)
  const rows = groups.map((group) => [
    `${group.asset} ${group.timeLengthSeconds / hourSeconds}h`,
    String(group.predictions),
    String(group.scored),
    String(group.misses),
    group.mean?.toFixed(2) ?? '-',
    group.realisedCoverage === null ? '-' : `${(100 * group.realisedCoverage).toFixed(2)} %`,
    group.pathCounts.join(', '),
  ])
  const lines = textTable(['', 'files', 'scored', 'missed', 'mean score', 'realised', 'paths'], rows)
  if (groups.length > 0)
    lines.push(
      'Lower is better. "missed": no answer for the validator.',
      '"realised": points with a real price; compare at equal shares only.',
    )
  lines.push(`${counted(fresh, 'prediction')} scored now, ${scores.length - fresh} before.`)
  if (left > 0) lines.push(`${counted(left, 'prediction')} not reached; the same command goes on there.`)
  const shown = (title: string, items: readonly (readonly [string, string])[]) => {
    if (items.length === 0) return
    lines.push('', `${title}:`, ...items.slice(0, mostShown).flatMap(([file, why]) => wrapLine(`  ${file}: ${why}`)))
    if (items.length > mostShown) lines.push(`  and ${items.length - mostShown} more; --json has all`)
  }
  const withProblem = scores.filter(({ problem }) => problem !== null)
  shown(
    'Counted as no answer',
    withProblem.filter(({ problem }) => problem !== 'unreadable').map(({ file, detail }) => [file, detail]),
  )
  shown(
    'Unreadable',
    withProblem.filter(({ problem }) => problem === 'unreadable').map(({ file, detail }) => [file, detail]),
  )
  shown(
    'No prediction',
    strange.map(({ file, reason }) => [file, reason]),
  )
  shown(
    'Without real prices',
    waiting.map(({ file, message }) => [file, message]),
  )
  return lines
}

/** The exit code, after everything has been printed. */
export function throwForFolder({ scores, waiting, strange, left }: FolderScores): void {
  const unreadable = scores.filter(({ problem }) => problem === 'unreadable')
  const first = unreadable[0] ?? strange[0]
  if (first !== undefined) {
    const many = counted(unreadable.length + strange.length, 'file')
    throw new InputError('INPUT_INVALID', `${many} could not be scored, such as ${first.file}.`, {
      hint: 'The others are scored. Correct these and run the command again.',
    })
  }
  if (left > 0)
    throw new StoreError('REPLAY_INCOMPLETE', `${counted(left, 'prediction')} not scored: the run was stopped.`)
  if (waiting.length > 0) {
    throw new StoreError(
      'REPLAY_INCOMPLETE',
      `The real prices of ${counted(waiting.length, 'prediction')} are missing: ${waiting[0]!.message}.`,
      { hint: 'Run "tuner minutes import" or "backfill" and then the command again.' },
    )
  }
}
