import { exitCodes } from '#core/base/errors/codes'
import { dayMs, hourMs, minuteMs } from '#core/base/time/units'
import type { TunerRun } from './tuner-runs.ts'

export interface JobFacts {
  readonly name: string
  /** The newest first. */
  readonly runs: readonly TunerRun[]
  /** From one due time to the next; undefined while that is not known. */
  readonly periodMs: number | undefined
  /** What never ran is overdue from here on. */
  readonly knownSinceMs: number
  /** One that runs or waits for its turn is not overdue. */
  readonly isAtWork: boolean
  readonly nowMs: number
}

/** A new miner has nothing to score before its first prompts have settled, a day after they came. */
const patienceMs = 2 * dayMs
const fewestRetries = 3

/** What is wrong with a job: the last run failed, it is only ever asked to try again, or it is overdue. */
export function jobComplaint(facts: JobFacts): string | undefined {
  const { name, runs, periodMs, knownSinceMs, isAtWork, nowMs } = facts
  const [last] = runs
  const reason = last === undefined || last.lastLine === '' ? '' : ` Last word: ${last.lastLine}`
  const idleMs = nowMs - (last?.finishedAtMs ?? knownSinceMs)
  if (periodMs !== undefined && !isAtWork && idleMs > 2 * periodMs + hourMs) {
    const idle = last === undefined ? 'has never run' : `has not run for ${durationText(idleMs)}`
    return `${name} ${idle}, though it is due every ${durationText(periodMs)}.${reason}`
  }
  if (last === undefined || last.exitCode === exitCodes.done) return undefined
  const streak = runsLike(runs, last.exitCode === exitCodes.tryAgain)
  const oldest = streak.at(-1) ?? last
  const forMs = nowMs - oldest.startedAtMs
  const often = streak.length === 1 ? '' : ` ${streak.length} times in a row, for ${durationText(forMs)}`
  if (last.exitCode !== exitCodes.tryAgain) return `${name} failed${often}.${reason}`
  const isLasting = streak.length >= fewestRetries && forMs >= Math.max(patienceMs, fewestRetries * (periodMs ?? 0))
  return isLasting ? `${name} ended with "try again"${often}.${reason}` : undefined
}

/** The newest runs up to the first that ended otherwise. */
function runsLike(runs: readonly TunerRun[], isTryAgain: boolean): readonly TunerRun[] {
  const isOther = ({ exitCode }: TunerRun) =>
    exitCode === exitCodes.done || (exitCode === exitCodes.tryAgain) !== isTryAgain
  const end = runs.findIndex(isOther)
  return end < 0 ? runs : runs.slice(0, end)
}

export function durationText(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / minuteMs))
  if (minutes < 120) return `${minutes} min`
  const hours = Math.round(ms / hourMs)
  return hours < 48 ? `${hours} h` : `${Math.round(ms / dayMs)} days`
}
