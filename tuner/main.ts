import { personAt } from '#adapters/cli/ask-person'
import { processTerminal } from '#adapters/cli/process-terminal'
import { openProgress } from '#adapters/cli/progress-bar'
import { runProgram } from '#adapters/cli/run-program'
import { systemClock } from '#adapters/clock/system-clock'
import { findPackageRoot } from '#adapters/files/package-root'
import { findRunningMiners } from '#adapters/lock/running-miners'
import { behaveAsChildOf } from '#adapters/process/child-manners'
import { EndOnBug } from '#adapters/process/end-on-bug'
import { usableThreads } from '#adapters/process/machine-limits'
import { composeTuner } from './compose-program.ts'

const terminal = processTerminal(process)
new EndOnBug({ process, warn: terminal.warn }).watch()

// A miner that runs the tuner by itself says so (adapters/process/tuner-program.ts).
const minerPid = Number(process.env['TUNER_MINER_PID'])
if (minerPid > 0) behaveAsChildOf(minerPid)

/** After the first Ctrl-C running work finishes; the second one ends the process. */
function interrupted(): AbortSignal {
  const abort = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => abort.abort())
  return abort.signal
}

process.exitCode = await runProgram(
  composeTuner({
    packageRoot: findPackageRoot(import.meta.url),
    argv: process.argv.slice(2),
    env: process.env,
    terminal,
    progress: openProgress(process.stderr, systemClock),
    clock: systemClock,
    threads: Number(process.env['TUNER_THREADS']) || usableThreads(),
    interrupted,
    ask: personAt(process),
    runningMiners: findRunningMiners,
  }),
)
