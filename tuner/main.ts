import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { addConfigCommand } from '#adapters/cli/config-command'
import { processTerminal } from '#adapters/cli/process-terminal'
import { openProgress } from '#adapters/cli/progress-bar'
import { runProgram } from '#adapters/cli/run-program'
import { terminalLogger } from '#adapters/cli/terminal-logger'
import { systemClock } from '#adapters/clock/system-clock'
import { readConfigFile } from '#adapters/files/config-file'
import { readInputFile } from '#adapters/files/input-file'
import { sha256Hex, writeLines, writeOutputFile } from '#adapters/files/output-file'
import { findPackageRoot } from '#adapters/files/package-root'
import { readVersion } from '#adapters/files/read-version'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { PriceSeriesFolder } from '#adapters/market-files/price-series-folder'
import { readMinuteFile } from '#adapters/minute-files/read-minute-file'
import { writeMinuteFile } from '#adapters/minute-files/write-minute-file'
import { type LoadedConfig, loadConfig } from '#core/config/load-config'
import { daemonSections } from '#core/config/shared-sections'
import { addCalibrateCommand } from './commands/calibrate.ts'
import { addDiagnoseCommand } from './commands/diagnose.ts'
import { addExplainCommand } from './commands/explain.ts'
import { addGovernanceCommands } from './commands/governance.ts'
import { addJournalCommand } from './commands/journal.ts'
import { addMinutesCommand } from './commands/minutes.ts'
import { addRegimesCommand } from './commands/regimes.ts'
import { addReplayCommand } from './commands/replay.ts'
import { addScoreCommand } from './commands/score.ts'
import { addShadowCommand } from './commands/shadow.ts'
import { openGovernance, openJournal, openMinutes, withMinutePrices } from './compose.ts'
import { openDiagnosis, openExplain, openShadow } from './compose-diagnosis.ts'
import { openReplay } from './compose-replay.ts'
import { TunerConfig } from './config.ts'

const packageRoot = findPackageRoot(import.meta.url)
const terminal = processTerminal(process)

/** The first Ctrl-C lets what runs come to its end; the second one is the system's own. */
function interrupted(): AbortSignal {
  const abort = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => abort.abort())
  return abort.signal
}

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
    addGovernanceCommands(program, {
      open: () => openGovernance(load().config, packageRoot, terminalLogger(terminal)),
      terminal,
      clock: systemClock,
      sha256: sha256Hex,
      log: terminalLogger(terminal),
    })
    addJournalCommand(program, { open: () => openJournal(load().config), terminal, clock: systemClock, writeLines })
    addCalibrateCommand(program, {
      openFolder: (folder) => new PriceSeriesFolder(folder),
      withMinutes: (use) => withMinutePrices(load().config, packageRoot, use),
      readText: (path) => (existsSync(path) ? readInputFile(path) : undefined),
      publishedFolder: join(packageRoot, 'models', 'published', 'calibrated'),
      writeText: writeOutputFile,
      hashText: sha256Hex,
      write,
    })
    addReplayCommand(program, {
      open: (settings) =>
        openReplay({ clock: systemClock, config: load().config, packageRoot, log: terminalLogger(terminal) }, settings),
      terminal,
      progress: openProgress(process.stderr, systemClock),
      clock: systemClock,
      interrupted,
    })
    const openDeps = () => ({ config: load().config, packageRoot, log: terminalLogger(terminal) })
    addDiagnoseCommand(program, {
      open: () => openDiagnosis(openDeps()),
      terminal,
      clock: systemClock,
      renderChart: async (spec) => (await import('#adapters/report/vega-chart')).renderChart(spec),
      writeText: writeOutputFile,
    })
    addExplainCommand(program, { open: () => openExplain(openDeps()), terminal })
    addShadowCommand(program, { open: () => openShadow(openDeps()), terminal, clock: systemClock })
    addConfigCommand(program, { load, terminal })
  },
})
