import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { routeClientConsole } from '#adapters/chain/client-console'
import { ChainLookup } from '#adapters/chain/registration-lookup'
import { askSecret } from '#adapters/cli/ask-secret'
import { addConfigCommand } from '#adapters/cli/config-command'
import type { ProgramOptions } from '#adapters/cli/run-program'
import { systemClock } from '#adapters/clock/system-clock'
import { readSystemUptime } from '#adapters/clock/system-uptime'
import { readConfigFile } from '#adapters/files/config-file'
import { readVersion } from '#adapters/files/read-version'
import { acquireProcessLock } from '#adapters/lock/process-lock'
import { logOutput } from '#adapters/log/log-output'
import { logToTerminal, openLog } from '#adapters/log/pino-logger'
import { backUp } from '#adapters/sqlite/backup'
import { findBackup, restore } from '#adapters/sqlite/restore'
import { shrink } from '#adapters/sqlite/shrink'
import { askedPassword } from '#adapters/wallet/password-sources'
import { examples } from '#core/base/cli/examples'
import type { Terminal } from '#core/base/cli/terminal'
import { type LoadedConfig, loadConfig } from '#core/base/config/load-config'
import { schemaLeaves } from '#core/base/config/schema-leaves'
import { StoreError } from '#core/base/errors/app-error'
import type { LastLog } from '#core/base/lifecycle/last-log'
import { tunerSections } from '#core/tuning/settings/shared-sections'
import { resolveChain, resolveNetuid } from './chain/config.ts'
import { addBackupCommands } from './commands/backup.ts'
import { addModelsCommand } from './commands/models.ts'
import { addWalletCommand } from './commands/wallet.ts'
import { composeDaemon, type Daemon } from './compose.ts'
import { joinConfiguredSubnet } from './compose-membership.ts'
import { openModelTrial } from './compose-models.ts'
import { configuredHotkeys } from './compose-wallet.ts'
import { DaemonConfig } from './config.ts'
import { isUnconfigured } from './is-unconfigured.ts'
import type { StandIns, StandInsOutside } from './stand-ins.ts'
import { synthNetuids } from './subnets/synth/config.ts'
import { resolveWallet } from './wallet/config.ts'

/**
 * Everything outside the program that a command of the miner uses; a test passes its own terminal and its own stop
 * signal.
 */
export interface MinerOutside {
  readonly packageRoot: string
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly homeFolder: string
  readonly pid: number
  readonly terminal: Terminal
  /** Where the password prompt is shown. */
  readonly streams: Parameters<typeof askSecret>[0]
  /** Resolves with the name of the signal that tells the program to stop. */
  readonly untilStopped: () => Promise<NodeJS.Signals>
  /** Ends the process: after a bug its state cannot be trusted any more. */
  readonly onBug: (error: unknown) => void
  /** Where a bug is said once the miner has a log. */
  readonly reportBugsTo: (log: LastLog) => void
  readonly standIns: (outside: StandInsOutside) => StandIns
  /** For a supervisor that waits until the miner is ready. */
  readonly onReady: () => void
}

export function composeMiner(outside: MinerOutside): ProgramOptions {
  const { packageRoot, argv, env, homeFolder, pid, terminal, streams, untilStopped, onBug, reportBugsTo } = outside
  const version = readVersion(packageRoot)
  const standIns = outside.standIns({ packageRoot, version, pid, terminal, untilStopped, onBug, reportBugsTo })
  return {
    name: 'miner',
    description: 'The volcast miner: answers the prompts of validators on subnet 50.',
    version,
    argv,
    terminal,
    completion: { values: {}, settings: schemaLeaves(DaemonConfig) },
    addCommands: (program, { settings, configFile }) => {
      const readFile = () => readConfigFile(configFile ?? (env['VOLCAST_CONFIG'] || undefined))
      const load = (): LoadedConfig<DaemonConfig> =>
        loadConfig({
          schema: DaemonConfig,
          argv: settings,
          env: env,
          file: readFile(),
          foreignSections: tunerSections,
        })
      program
        .command('start', { isDefault: true })
        .description('run the miner until it is stopped')
        .option('--or-demo', 'without any configuration, show the whole loop on this machine ("npm start")')
        .addHelpText('after', examples('miner start', 'miner start --wallet.name miner --chain.externalIp 203.0.113.9'))
        .action(({ orDemo }: { orDemo?: boolean }) => {
          const loaded = load()
          const facts = { hasFile: readFile() !== undefined, env: env, homeFolder: homeFolder }
          return orDemo === true && isUnconfigured(loaded, facts)
            ? standIns.runDemonstration()
            : startMiner(loaded, outside)
        })
      addConfigCommand(program, { load, terminal })
      addWalletCommand(program, {
        terminal,
        openHotkeys: ({ mayAsk }) => {
          const settings = resolveWallet(load().config.wallet, { env: env, homeFolder: homeFolder })
          const ask = askedPassword((question) => askSecret(streams, question))
          return configuredHotkeys(settings, env, mayAsk ? ask : undefined)
        },
        openLookup: () => {
          const { chain, log } = load().config
          // The client library would write between the lines of the answer.
          routeClientConsole(logToTerminal({ level: log.level, program: 'miner' }), console)
          return new ChainLookup({ clock: systemClock }, resolveChain(chain, resolveNetuid(chain, synthNetuids)))
        },
      })
      addBackupCommands(program, {
        terminal,
        backUp: (folder) => backUp(load().config.db.path, folder),
        restore: async (from) => {
          const mainPath = load().config.db.path
          const backup = findBackup({ mainPath, from, migrationsDir: join(packageRoot, 'migrations') })
          const lock = acquireProcessLock(mainPath, pid)
          try {
            return restore(backup, systemClock.nowMs())
          } finally {
            await lock.stop()
          }
        },
        shrink: async () => {
          const mainPath = load().config.db.path
          // Before the lock makes the folder.
          if (!existsSync(mainPath)) throw new StoreError('STORE_MISSING', `There is no database ${mainPath}.`)
          const lock = acquireProcessLock(mainPath, pid)
          try {
            return shrink(mainPath)
          } finally {
            await lock.stop()
          }
        },
      })
      addModelsCommand(program, {
        terminal,
        configured: () => load().config.models,
        openTrial: (folder) =>
          openModelTrial(folder, load().config.models.servers, logToTerminal({ level: 'silent', program: 'miner' })),
      })
      standIns.addCommands(program, { settings })
    },
  }
}

async function startMiner(loaded: LoadedConfig<DaemonConfig>, outside: MinerOutside): Promise<void> {
  const { packageRoot, env, homeFolder, pid, terminal } = outside
  const settings = loaded.config.log
  const opened = openLog({ level: settings.level, program: 'miner', output: logOutput(settings) })
  const { log } = opened
  outside.reportBugsTo(opened)
  try {
    const atStart = opened.health()
    if (atStart.state !== 'ok') terminal.warn(`${atStart.sentence} ${atStart.hint ?? ''}`)
    const stopped = outside.untilStopped()
    const daemon = await composeDaemon(loaded, {
      clock: systemClock,
      uptime: readSystemUptime(),
      joinSubnet: joinConfiguredSubnet,
      log,
      logHealth: opened.health,
      packageRoot,
      version: readVersion(packageRoot),
      pid,
      env,
      homeFolder,
      onBug: outside.onBug,
    })
    if (terminal.columns !== undefined) terminal.warn(welcome(daemon))
    outside.onReady()
    const signal = await stopped
    log.info({ event: 'miner.stopping', signal }, 'Miner stopping')
    await daemon.stop()
  } finally {
    await opened.close()
  }
}

function welcome(daemon: Daemon): string {
  const parts = Object.entries(daemon.board.report().parts)
  const missing = parts.filter(([, part]) => part.state === 'notConfigured')
  const lines = missing.map(
    ([name, part]) => `  ${name}: ${part.sentence}${part.hint === undefined ? '' : ` ${part.hint}`}`,
  )
  return [
    `\nHealth page: ${daemon.healthUrl}`,
    ...(lines.length > 0 ? ['Not configured yet:', ...lines] : []),
    'Ctrl-C stops the miner.\n',
  ].join('\n')
}
