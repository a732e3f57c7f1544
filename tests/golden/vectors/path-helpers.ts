import { readJson } from '#core/synth/scoring/answer-json'
import { pathEntriesOf } from '#core/synth/scoring/answer-paths'
import { numberAt } from '#core/synth/scoring/json-tape'
import { changeBps, changeCount, intervalSteps, planScore, ScoringError } from '#core/synth/scoring/score-plan'
import { firstDifference } from './compare.ts'

export function compareAdjusted({ input, expected }: { input?: unknown; expected: unknown }): string | null {
  const reading = readJson(JSON.stringify(input))
  if (!reading.ok) return reading.problem.message
  const paths = pathEntriesOf(reading.tape, 0)
  return firstDifference(paths?.map((path) => path.map((entry) => numberAt(reading.tape, entry))) ?? null, expected)
}

/** Runs of observed values, read off the plan of an interval whose changes are the values themselves. */
export function compareBlocks([values, expected]: [number[], number[]]): string | null {
  const plan = planScore(values.length + 1, [1, ...values], {
    stepSeconds: 1,
    intervals: [{ name: 'values_abs', seconds: 1 }],
    gapMode: 'firstChange',
  })
  const labels = values.map(() => -1)
  for (const [label, block] of (plan.intervals[0]?.blocks ?? []).entries()) {
    for (let term = block.start; term < block.end; term += 1) labels[(plan.to[term] as number) - 1] = label
  }
  return firstDifference(labels, expected)
}

export function compareSteps([seconds, stepSeconds, expected]: [number, number, number]): string | null {
  try {
    return firstDifference(intervalSteps({ name: 'interval', seconds }, stepSeconds), expected)
  } catch (error) {
    // The validator returns 0 here and raises one call later; the port refuses at once.
    if (error instanceof ScoringError && error.code === 'SCORING_INTERVAL_TOO_SHORT')
      return firstDifference(0, expected)
    throw error
  }
}

interface ChangeCase {
  readonly paths: readonly number[][]
  readonly steps: number
  readonly absolute: boolean
  readonly gap: boolean
  readonly expected: unknown
}

export function compareChanges({ paths, steps, absolute, gap, expected }: ChangeCase): string | null {
  const changes = paths.map((path) =>
    Array.from({ length: changeCount(path.length, steps, gap) }, (_, index) => {
      const after = path[(index + 1) * steps] as number
      return absolute ? after : changeBps(path[index * steps] as number, after)
    }),
  )
  return firstDifference(changes, expected)
}
