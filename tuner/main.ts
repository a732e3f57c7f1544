import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { addConfigCommand } from '#adapters/cli/config-command'
import { processTerminal } from '#adapters/cli/process-terminal'
import { runProgram } from '#adapters/cli/run-program'
import { systemClock } from '#adapters/clock/system-clock'
import { readConfigFile } from '#adapters/files/config-file'
import { readInputFile } from '#adapters/files/input-file'
import { sha256Hex, writeOutputFile } from '#adapters/files/output-file'
import { findPackageRoot } from '#adapters/files/package-root'
import { readVersion } from '#adapters/files/read-version'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { PriceSeriesFolder } from '#adapters/market-files/price-series-folder'
import { readMinuteFile } from '#adapters/minute-files/read-minute-file'
import { writeMinuteFile } from '#adapters/minute-files/write-minute-file'
import { type LoadedConfig, loadConfig } from '#core/config/load-config'
import { daemonSections } from '#core/config/shared-sections'
import { addCalibrateCommand } from './commands/calibrate.ts'
import { addMinutesCommand } from './commands/minutes.ts'
import { addRegimesCommand } from './commands/regimes.ts'
import { addScoreCommand } from './commands/score.ts'
import { openMinutes, withMinutePrices } from './compose.ts'
import { TunerConfig } from './config.ts'

const packageRoot = findPackageRoot(import.meta.url)
const terminal = processTerminal(process)

process.exitCode = await runProgram({
  name: 'tuner',
  description: 'The volcast tuner: scores what was served and lets a change in only with proof.',
  version: readVersion(packageRoot),
  argv: process.argv.slice(2),
  terminal,
  addCommands: (program, { settings, configFile }) => {
    const load = (): LoadedConfig<TunerConfig> =>
      loadConfig({
        schema: TunerConfig,
        argv: settings,
        env: process.env,
        file: readConfigFile(configFile ?? (process.env['VOLCAST_CONFIG'] || undefined)),
        foreignSections: daemonSections,
      })
    const loadBook = () => loadRegimeBook(load().config.regimes.file)
    const write = terminal.write
    addScoreCommand(program, { readText: readInputFile, loadBook, write })
    addRegimesCommand(program, { loadBook, write })
    addMinutesCommand(program, {
      open: () => openMinutes(load().config, packageRoot),
      terminal,
      clock: systemClock,
      readMinuteFile,
      writeMinuteFile,
    })
    addCalibrateCommand(program, {
      openFolder: (folder) => new PriceSeriesFolder(folder),
      withMinutes: (use) => withMinutePrices(load().config, packageRoot, use),
      readText: (path) => (existsSync(path) ? readInputFile(path) : undefined),
      publishedFolder: join(packageRoot, 'models', 'published', 'calibrated'),
      writeText: writeOutputFile,
      hashText: sha256Hex,
      write,
    })
    addConfigCommand(program, { load, terminal })
  },
})
