import type { PartHealth } from '#core/base/health/health-board'
import { counted } from '#core/base/text/counted'
import type { LogOutput } from './log-output.ts'

/** Why lines wait; times are monotonic. */
export interface LogProblem {
  readonly code: string
  readonly sinceMs: number
}

export interface LogFacts {
  readonly output: LogOutput
  readonly problem: LogProblem | undefined
  readonly rotationProblem: string | undefined
  readonly dropped: number
  readonly droppedAgoMs: number
  readonly nowMs: number
}

/** A reader may be busy for a moment. */
const slowReaderMs = 5_000
/** How long the health page says that lines are missing. */
const droppedLatelyMs = 600_000

export function describeLog(facts: LogFacts): PartHealth {
  const { output, problem, rotationProblem, dropped, droppedAgoMs, nowMs } = facts
  const place = output.kind === 'file' ? output.path : output.fd === 2 ? 'standard error' : 'standard output'
  const missing = dropped === 0 ? '' : ` ${counted(dropped, 'line')} dropped since the start.`
  const waitedMs = problem === undefined ? 0 : nowMs - problem.sinceMs
  if (problem !== undefined && (problem.code !== 'EAGAIN' || waitedMs > slowReaderMs)) {
    const cause = problem.code === 'EAGAIN' ? 'nobody reads it' : problem.code
    const sentence = `No line has reached ${place} for ${Math.round(waitedMs / 1000)} s (${cause}).${missing}`
    return { state: 'degraded', sentence, hint: `${nextStep(problem.code, output)} Answers do not wait for the log.` }
  }
  if (rotationProblem !== undefined) {
    const sentence = `${place} keeps growing, because it cannot be rotated (${rotationProblem}).${missing}`
    return { state: 'degraded', sentence, hint: 'Check the permissions of its folder.' }
  }
  const sentence = `Lines go to ${place}.${missing}`
  if (droppedAgoMs < droppedLatelyMs) {
    return {
      state: 'degraded',
      sentence,
      hint: 'Their reader was too slow: "log.dropped" says when. After "log.failed" it was a bug: report it.',
    }
  }
  return { state: 'ok', sentence }
}

function nextStep(code: string, output: LogOutput): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'Free some disk space; the log then continues by itself.'
    case 'EPIPE':
      return 'The program that read the lines has ended: restart the miner under its supervisor, or set log.file.'
    case 'EAGAIN':
      return 'Check the program that should read the lines, or set log.file.'
    default:
      return output.kind === 'file' ? 'Check log.file and its permissions.' : 'Set log.file.'
  }
}
