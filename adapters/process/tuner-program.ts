import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Clock } from '#core/base/time/clock'
import type { TunerOutcome, TunerProgram } from '#core/tuning/runs/tuner-runs'

export interface TunerProgramOptions {
  readonly packageRoot: string
  /** Compiled or from the sources, as the miner itself. */
  readonly isSource: boolean
  /** Without the miner's own settings. */
  readonly env: Readonly<Record<string, string | undefined>>
}

const lineLimit = 300
/** After SIGTERM. */
const killDelayMs = 5000

/** Runs the tuner as a separate process at low priority, and reads its last line. */
export function createTunerProgram({
  clock,
  packageRoot,
  isSource,
  env,
}: TunerProgramOptions & { clock: Clock }): TunerProgram {
  const main = isSource
    ? ['--import', 'tsx', join(packageRoot, 'tuner/main.ts')]
    : [join(packageRoot, 'dist/tuner/main.js')]
  return {
    run: (args, { timeoutMs, signal }) =>
      new Promise<TunerOutcome>((resolve) => {
        let lastLine = ''
        const child = spawn(process.execPath, [...main, ...args], {
          cwd: process.cwd(),
          env: { ...env, NO_COLOR: '1' },
          stdio: ['ignore', 'pipe', 'pipe'],
        })
        const ended = new AbortController()
        const kill = () => {
          child.kill('SIGTERM')
          afterwards(clock.sleep(killDelayMs, ended.signal), () => child.kill('SIGKILL'))
        }
        afterwards(clock.sleep(timeoutMs, ended.signal), kill)
        signal.addEventListener('abort', kill, { once: true })
        const settle = (exitCode: number | null) => {
          ended.abort()
          signal.removeEventListener('abort', kill)
          resolve({ exitCode, lastLine })
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
        if (child.pid !== undefined) lowerPriority(child.pid)
      }),
  }
}

/** A cancelled sleep is not a reason to act. */
function afterwards(sleep: Promise<void>, act: () => void): void {
  sleep.then(act, () => undefined)
}

/** The answers to validators come first. */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW)
  } catch {
    // It may have ended already, or the system does not allow it: then it runs at normal priority.
  }
}
