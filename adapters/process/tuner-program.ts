import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Clock } from '#core/base/time/clock'
import { durationText } from '#core/tuning/runs/job-complaint'
import type { TunerOutcome, TunerProgram } from '#core/tuning/runs/tuner-runs'
import { childBudget } from './child-budget.ts'
import { readMachineLimits } from './machine-limits.ts'

export interface TunerProgramOptions {
  readonly packageRoot: string
  /** Compiled or from the sources, as the miner itself. */
  readonly isSource: boolean
  /** Without the miner's own settings. */
  readonly env: Readonly<Record<string, string | undefined>>
}

const lineLimit = 300
/** After SIGTERM. */
const killDelayMs = 2_000

/**
 * Runs the tuner as a separate process within limits, and reads its last line. The child lowers its own priority, and ends
 * when the miner does (child-manners.ts).
 */
export function createTunerProgram({
  clock,
  packageRoot,
  isSource,
  env,
}: TunerProgramOptions & { clock: Clock }): TunerProgram {
  const main = isSource
    ? ['--import', 'tsx', join(packageRoot, 'tuner/main.ts')]
    : [join(packageRoot, 'dist/tuner/main.js')]
  const { threads, heapMegabytes } = childBudget(readMachineLimits())
  const flags = [`--max-old-space-size=${heapMegabytes}`]
  const told = { TUNER_MINER_PID: String(process.pid), TUNER_THREADS: String(threads), NO_COLOR: '1' }
  return {
    run: (args, { timeoutMs, signal }) =>
      new Promise<TunerOutcome>((resolve) => {
        let lastLine = ''
        let isLate = false
        const child = spawn(process.execPath, [...flags, ...main, ...args], {
          cwd: process.cwd(),
          env: { ...env, ...told },
          stdio: ['ignore', 'pipe', 'pipe'],
        })
        const ended = new AbortController()
        const kill = () => {
          child.kill('SIGTERM')
          afterwards(clock.sleep(killDelayMs, ended.signal), () => child.kill('SIGKILL'))
        }
        afterwards(clock.sleep(timeoutMs, ended.signal), () => {
          isLate = true
          kill()
        })
        signal.addEventListener('abort', kill, { once: true })
        const settle = (exitCode: number | null) => {
          ended.abort()
          signal.removeEventListener('abort', kill)
          const late = `It was stopped after ${durationText(timeoutMs)} (tuning.timeoutMs). ${lastLine}`.trim()
          resolve({ exitCode, lastLine: isLate ? late : lastLine })
        }
        for (const stream of [child.stdout, child.stderr]) {
          createInterface({ input: stream }).on('line', (line) => {
            if (line.trim() !== '') lastLine = line.trim().slice(0, lineLimit)
          })
        }
        child.once('error', (error) => {
          lastLine = error.message
          settle(null)
        })
        child.once('close', settle)
      }),
  }
}

/** A cancelled sleep is not a reason to act. */
function afterwards(sleep: Promise<void>, act: () => void): void {
  sleep.then(act, () => undefined)
}
