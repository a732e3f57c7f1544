import { homedir } from 'node:os'
import { processTerminal } from '#adapters/cli/process-terminal'
import { runProgram } from '#adapters/cli/run-program'
import { systemClock } from '#adapters/clock/system-clock'
import { unlessEnded } from '#adapters/clock/unless-ended'
import { findPackageRoot } from '#adapters/files/package-root'
import { EndOnBug } from '#adapters/process/end-on-bug'
import { exitCodes } from '#core/base/errors/codes'
import { composeStandIns } from '#standins/compose'
import { composeMiner } from './compose-program.ts'

const terminal = processTerminal(process)
const bugs = new EndOnBug({ process, warn: terminal.warn })
bugs.watch()
let wasStopped = false

process.exitCode = await runProgram(
  composeMiner({
    packageRoot: findPackageRoot(import.meta.url),
    argv: process.argv.slice(2),
    env: process.env,
    homeFolder: homedir(),
    pid: process.pid,
    terminal,
    streams: process,
    untilStopped: stopSignal,
    onBug: bugs.end,
    reportBugsTo: (log) => bugs.reportTo(log),
    standIns: composeStandIns,
    // pm2 with wait_ready counts the miner as up from here on.
    onReady: () => void process.send?.('ready'),
  }),
)
// Everything has stopped and is on disk. What is left, such as a port of a thread that died, must not keep the process.
if (wasStopped) {
  unlessEnded(2_000, () => {
    terminal.warn('The miner has stopped, but something kept its process. It is ended now.')
    process.exit()
  })
}

/** The first signal stops in order, a later one at once. Both are safe, because state is in the database. */
function stopSignal(): Promise<NodeJS.Signals> {
  // One Ctrl-C may arrive twice: from the terminal, and from the process that started us.
  const sameSignalMs = 1_000
  return new Promise((resolve) => {
    let stoppingSinceMs: number | undefined
    const onSignal = (signal: NodeJS.Signals): void => {
      const nowMs = systemClock.monotonicMs()
      if (stoppingSinceMs !== undefined && nowMs - stoppingSinceMs > sameSignalMs) process.exit(exitCodes.tryAgain)
      stoppingSinceMs ??= nowMs
      wasStopped = true
      resolve(signal)
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}
