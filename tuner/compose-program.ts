import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Ask } from '#adapters/cli/ask-person'
import { addConfigCommand } from '#adapters/cli/config-command'
import type { ProgramOptions } from '#adapters/cli/run-program'
import { terminalLogger } from '#adapters/cli/terminal-logger'
import { defaultConfigFile, readConfigFile } from '#adapters/files/config-file'
import { readInputFile } from '#adapters/files/input-file'
import { sha256Hex, writeLines, writeOutputFile } from '#adapters/files/output-file'
import { publishedParameters } from '#adapters/files/parameter-folder'
import { readVersion } from '#adapters/files/read-version'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { openSeedFolder, readJsonFile, readLines } from '#adapters/files/seed-folder'
import { PriceSeriesFolder } from '#adapters/market-files/price-series-folder'
import { readMinuteFile } from '#adapters/minute-files/read-minute-file'
import { writeMinuteFile } from '#adapters/minute-files/write-minute-file'
import type { Progress } from '#core/base/cli/progress'
import type { SplitArguments } from '#core/base/cli/split-arguments'
import type { Terminal } from '#core/base/cli/terminal'
import { type LoadedConfig, loadConfig } from '#core/base/config/load-config'
import { schemaLeaves } from '#core/base/config/schema-leaves'
import type { Clock } from '#core/base/time/clock'
import { recordedAssets } from '#core/market/minutes/recorder-config'
import { parseModel, specFor, writeModel } from '#core/tuning/replay/model-spec'
import { findDatabase, type RunningMiner } from '#core/tuning/settings/find-database'
import { daemonSections } from '#core/tuning/settings/shared-sections'
import { presets } from '#models/compile/recipe-files'
import { discoverComponents } from '#models/registry/discover'
import { addCalibrateCommand } from './commands/calibrate.ts'
import { addDiagnoseCommand, type DiagnoseCommandDeps, diagnoseScores } from './commands/diagnose.ts'
import { addExplainCommand } from './commands/explain.ts'
import { addGovernanceCommands } from './commands/governance.ts'
import { addImportCommand } from './commands/import.ts'
import { addJournalCommand } from './commands/journal.ts'
import { addMinutesCommand } from './commands/minutes.ts'
import { addModelsCommand } from './commands/models.ts'
import { addRegimesCommand } from './commands/regimes.ts'
import { addReplayCommand } from './commands/replay.ts'
import { addRunsCommand } from './commands/runs.ts'
import { addScoreCommand } from './commands/score.ts'
import { addShadowCommand } from './commands/shadow.ts'
import { addStateCommand } from './commands/state.ts'
import { addTrainCommand } from './commands/train.ts'
import { completionValues } from './completion-values.ts'
import { openGovernance, openJournal, openMinutes, withMinutePrices } from './compose.ts'
import { openDiagnosis, openExplain, openShadow } from './compose-diagnosis.ts'
import { openImport } from './compose-import.ts'
import { openReplay } from './compose-replay.ts'
import { scoreFolderOfFiles } from './compose-scoring.ts'
import { openState } from './compose-state.ts'
import { openRuns, openTraining } from './compose-training.ts'
import { TunerConfig } from './config.ts'

/** Everything outside the program that a command of the tuner uses; a test passes its own terminal and clock. */
export interface TunerOutside {
  readonly packageRoot: string
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly terminal: Terminal
  readonly progress: Progress
  readonly clock: Clock
  /** For work that can use all cores. */
  readonly threads: number
  /** Aborted when the operator wants to stop. */
  readonly interrupted: () => AbortSignal
  /** A person at the terminal; undefined where nobody can be asked. */
  readonly ask?: Ask | undefined
  /** Of this user, on this computer. */
  readonly runningMiners: () => readonly RunningMiner[]
}

export function composeTuner(outside: TunerOutside): ProgramOptions {
  const { packageRoot, argv, env, terminal, progress, clock, threads, interrupted, ask, runningMiners } = outside
  const loadFrom = ({ settings, configFile }: SplitArguments): LoadedConfig<TunerConfig> =>
    loadConfig({
      schema: TunerConfig,
      argv: settings,
      env,
      file: readConfigFile(configFile ?? (env['VOLCAST_CONFIG'] || undefined)),
      foreignSections: daemonSections,
    })
  const unsplit = { settings: [], configFile: undefined, words: [] }
  const configured = () => loadFrom(unsplit).config
  const assetsIn = ({ recorder, regimes }: TunerConfig) => recordedAssets(recorder, loadRegimeBook(regimes.file))
  return {
    name: 'tuner',
    description: 'The volcast tuner: scores what was served and allows a change only with evidence.',
    version: readVersion(packageRoot),
    argv,
    terminal,
    completion: {
      values: completionValues({
        assets: () => assetsIn(configured()),
        book: () => loadRegimeBook(configured().regimes.file),
        nowMs: () => clock.nowMs(),
        presets: () => presets.names,
      }),
      settings: schemaLeaves(TunerConfig),
    },
    addCommands: (program, split) => {
      const load = () => loadFrom(split)
      const loadBook = () => loadRegimeBook(load().config.regimes.file)
      const log = terminalLogger(terminal)
      const withDatabase = (mayCreate = false): TunerConfig => {
        const { config, sources } = load()
        const { path, note } = findDatabase(
          {
            configured: resolve(config.db.path),
            source: sources['db.path'] ?? 'default',
            configFile: split.configFile ?? (env['VOLCAST_CONFIG'] || defaultConfigFile),
            checkout: join(packageRoot, 'data', 'miner.sqlite'),
            exists: hasContent,
            runningMiners,
          },
          mayCreate,
        )
        if (note !== undefined && !argv.includes('--json')) terminal.warn(note)
        return { ...config, db: { path } }
      }
      const openDeps = (mayCreate = false) => ({
        ...{ clock, config: withDatabase(mayCreate), packageRoot, log, threads },
      })
      const write = terminal.write
      addScoreCommand(program, {
        ...{ readText: readInputFile, loadBook, write, progress, interrupted },
        scoreFolder: (folder, options) => scoreFolderOfFiles(openDeps(true), folder, options),
      })
      addRegimesCommand(program, { loadBook, write })
      addMinutesCommand(program, {
        open: (mayCreate) => openMinutes(openDeps(mayCreate)),
        terminal,
        clock,
        readMinuteFile,
        writeMinuteFile,
      })
      addGovernanceCommands(program, {
        open: () => openGovernance(openDeps()),
        terminal,
        clock,
        sha256: sha256Hex,
        log,
        ask,
        settings: [...split.settings, ...(split.configFile === undefined ? [] : ['--config', split.configFile])],
      })
      addJournalCommand(program, {
        open: () => openJournal(withDatabase()),
        assets: () => assetsIn(load().config),
        terminal,
        clock,
        hashText: sha256Hex,
        writeLines,
      })
      addCalibrateCommand(program, {
        openFolder: (folder) => new PriceSeriesFolder(folder),
        withMinutes: (use) => withMinutePrices(openDeps(), use),
        readText: (path) => (existsSync(path) ? readInputFile(path) : undefined),
        publishedFolder: publishedParameters(packageRoot),
        writeText: writeOutputFile,
        hashText: sha256Hex,
        write,
      })
      const diagnoseDeps: DiagnoseCommandDeps = {
        open: () => openDiagnosis(openDeps()),
        terminal,
        clock,
        renderChart: async (spec) => (await import('#adapters/report/vega-chart')).renderChart(spec),
        writeText: writeOutputFile,
      }
      addReplayCommand(program, {
        diagnose: (options, own) => diagnoseScores({ ...diagnoseDeps, terminal: own }, options),
        writeText: writeOutputFile,
        open: (settings) => openReplay(openDeps(), settings),
        terminal,
        progress,
        clock,
        interrupted,
      })
      addDiagnoseCommand(program, diagnoseDeps)
      addTrainCommand(program, { open: () => openTraining(openDeps(true)), terminal, progress, interrupted })
      addRunsCommand(program, { open: () => openRuns({ clock, config: withDatabase() }), terminal })
      addExplainCommand(program, { open: () => openExplain(openDeps()), terminal })
      addShadowCommand(program, {
        open: (mayCreate) => openShadow(openDeps(mayCreate)),
        scoreFolder: async (folder) => {
          const onProgress = (done: number, total: number) => progress.update('Scores', done, total)
          const usual = { regime: undefined, storage: undefined, again: false, threads: undefined }
          try {
            await scoreFolderOfFiles(openDeps(), folder, { ...usual, signal: interrupted(), onProgress })
          } finally {
            progress.stop()
          }
        },
        forecastField: async (model, period) => {
          const request = parseModel(model)
          const context = openReplay(openDeps(), {})
          try {
            const sources = await context.sourcesOf(request)
            const { report } = await context.runField(
              period,
              {
                again: false,
                model: writeModel(request, sources),
                specOf: (asset) => specFor(request, asset, sources),
              },
              {
                signal: interrupted(),
                onProgress: ({ stage, done, total }) =>
                  progress.update(stage === 'prices' ? 'real prices' : 'forecasts', done, total),
              },
            )
            return report
          } finally {
            progress.stop()
            await context.close()
          }
        },
        terminal,
        progress,
        clock,
      })
      addImportCommand(program, {
        open: () => openImport(openDeps(true)),
        folder: openSeedFolder,
        readJson: readJsonFile,
        readLines,
        terminal,
        progress,
        nowMs: () => clock.nowMs(),
      })
      addModelsCommand(program, {
        components: () => discoverComponents(load().config.models.components),
        runtime: async () => new (await import('#adapters/onnx/graph-sessions')).OnnxGraphRuntime(),
        terminal,
      })
      addStateCommand(program, { open: () => openState(openDeps()), terminal })
      addConfigCommand(program, { load, terminal })
    },
  }
}

/** A file without content is what a start on a full disk leaves: nothing to read, and no place for tables. */
function hasContent(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  return found !== undefined && (found.isDirectory() || found.size > 0)
}
