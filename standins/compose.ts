import { systemClock } from '#adapters/clock/system-clock'
import { readConfigFile } from '#adapters/files/config-file'
import { writeOutputFile } from '#adapters/files/output-file'
import { logToTerminal } from '#adapters/log/pino-logger'
import { readRecordedFeed } from '#adapters/minute-files/minute-folder'
import type { StandIns, StandInsOutside } from '#daemon/stand-ins'
import { openDemo } from './compose-demo.ts'
import { openDevDaemon, openDevValidator } from './compose-devtools.ts'
import { addDevDemoCommand, type DevDemoDeps, runDevDemo } from './demonstration/command.ts'
import { addDevMarketCommand } from './market/command.ts'
import { addDevDaemonCommand } from './network/command.ts'
import { addDevValidatorCommand } from './validator/command.ts'
import type { ValidatorReport } from './validator/report.ts'

/** The commands `miner dev ...` and the demonstration. */
export function composeStandIns({ terminal, untilStopped, ...devOutside }: StandInsOutside): StandIns {
  const devCommand = {
    terminal,
    writeReport: (path: string, report: ValidatorReport) =>
      writeOutputFile(path, `${JSON.stringify(report, null, 2)}\n`),
    untilStopped,
  }
  const demoDeps: DevDemoDeps = {
    ...devCommand,
    openDemo: (settings) => openDemo(settings, devOutside),
    readScript: (path) => readConfigFile(path)?.values,
  }
  return {
    addCommands: (program, { settings }) => {
      const dev = program.command('dev').description('stand-ins for trials and for tests')
      addDevDemoCommand(dev, demoDeps)
      addDevDaemonCommand(dev, {
        ...devCommand,
        openDaemon: (options) => openDevDaemon({ ...options, settings }, devOutside),
      })
      addDevValidatorCommand(dev, { ...devCommand, openValidator: openDevValidator })
      addDevMarketCommand(dev, {
        realClock: systemClock,
        terminal,
        log: logToTerminal({ level: 'info', program: 'miner' }),
        readRecorded: readRecordedFeed,
        readScript: (path) => readConfigFile(path)?.values,
        untilStopped,
      })
    },
    runDemonstration: () => runDevDemo(demoDeps, {}),
  }
}
