import { homedir } from 'node:os'
import { routeClientConsole } from '#adapters/chain/client-console'
import { ChainLookup } from '#adapters/chain/registration-lookup'
import { askSecret } from '#adapters/cli/ask-secret'
import { addConfigCommand } from '#adapters/cli/config-command'
import { processTerminal } from '#adapters/cli/process-terminal'
import { runProgram } from '#adapters/cli/run-program'
import { systemClock } from '#adapters/clock/system-clock'
import { readConfigFile } from '#adapters/files/config-file'
import { writeOutputFile } from '#adapters/files/output-file'
import { findPackageRoot } from '#adapters/files/package-root'
import { readVersion } from '#adapters/files/read-version'
import { createLogger } from '#adapters/log/pino-logger'
import { readRecordedFeed } from '#adapters/minute-files/minute-folder'
import { askedPassword } from '#adapters/wallet/password-sources'
import { type LoadedConfig, loadConfig } from '#core/config/load-config'
import { tunerSections } from '#core/config/shared-sections'
import { describeError } from '#core/errors/app-error'
import { exitCodes } from '#core/errors/codes'
import { resolveChain } from './chain/config.ts'
import { addModelsCommand } from './commands/models.ts'
import { addWalletCommand } from './commands/wallet.ts'
import { composeDaemon, type Daemon } from './compose.ts'
import { joinConfiguredSubnet } from './compose-membership.ts'
import { openModelTrial } from './compose-models.ts'
import { configuredHotkeys } from './compose-wallet.ts'
import { DaemonConfig } from './config.ts'
import { addDevDemoCommand, type DevDemoDeps, runDevDemo } from './dev/demo/command.ts'
import { openDemo } from './dev/demo/compose-demo.ts'
import { isUnconfigured } from './dev/demo/is-unconfigured.ts'
import { addDevMarketCommand } from './dev/market/command.ts'
import { addDevDaemonCommand } from './dev/network/command.ts'
import { openDevDaemon, openDevValidator } from './dev/network/compose-devtools.ts'
import { addDevValidatorCommand } from './dev/validator/command.ts'
import type { ValidatorReport } from './dev/validator/report.ts'
import { resolveWallet } from './wallet/config.ts'

const packageRoot = findPackageRoot(import.meta.url)
const version = readVersion(packageRoot)
const terminal = processTerminal(process)

const devOutside = { packageRoot, version, pid: process.pid, onBug: endOnBug }
const devCommand = {
  terminal,
  writeReport: (path: string, report: ValidatorReport) => writeOutputFile(path, `${JSON.stringify(report, null, 2)}\n`),
  untilStopped: stopSignal,
}
const demoDeps: DevDemoDeps = {
  ...devCommand,
  openDemo: (settings) => openDemo(settings, devOutside),
  readScript: (path) => readConfigFile(path)?.values,
}

process.exitCode = await runProgram({
  name: 'miner',
  description: 'The volcast miner: answers the prompts of validators on subnet 50.',
  version,
  argv: process.argv.slice(2),
  terminal,
  addCommands: (program, { settings, configFile }) => {
    const readFile = () => readConfigFile(configFile ?? (process.env['VOLCAST_CONFIG'] || undefined))
    const load = (): LoadedConfig<DaemonConfig> =>
      loadConfig({
        schema: DaemonConfig,
        argv: settings,
        env: process.env,
        file: readFile(),
        foreignSections: tunerSections,
      })
    program
      .command('start', { isDefault: true })
      .description('run the miner until it is told to stop')
      .option('--or-demo', 'when nothing at all is configured, show the whole loop on this machine ("npm start")')
      .action(({ orDemo }: { orDemo?: boolean }) => {
        const loaded = load()
        const facts = { hasFile: readFile() !== undefined, env: process.env, homeFolder: homedir() }
        return orDemo === true && isUnconfigured(loaded, facts) ? runDevDemo(demoDeps, {}) : startMiner(loaded)
      })
    addConfigCommand(program, { load, terminal })
    addWalletCommand(program, {
      terminal,
      openHotkeys: ({ mayAsk }) => {
        const settings = resolveWallet(load().config.wallet, { env: process.env, homeFolder: homedir() })
        const ask = askedPassword((question) => askSecret(process, question))
        return configuredHotkeys(settings, process.env, mayAsk ? ask : undefined)
      },
      openLookup: () => {
        const { chain, log } = load().config
        // The client library would write between the lines of the answer.
        routeClientConsole(createLogger({ level: log.level, program: 'miner', destinationFd: 2 }), console)
        return new ChainLookup({ clock: systemClock }, resolveChain(chain))
      },
    })
    addModelsCommand(program, {
      terminal,
      configured: () => load().config.models,
      openTrial: (folder) =>
        openModelTrial(folder, createLogger({ level: 'silent', program: 'miner', destinationFd: 2 })),
    })
    const dev = program.command('dev').description('stand-ins for trying things out, and for tests')
    addDevDemoCommand(dev, demoDeps)
    addDevDaemonCommand(dev, {
      ...devCommand,
      openDaemon: (options) => openDevDaemon({ ...options, settings }, devOutside),
    })
    addDevValidatorCommand(dev, { ...devCommand, openValidator: openDevValidator })
    addDevMarketCommand(dev, {
      realClock: systemClock,
      terminal,
      log: createLogger({ level: 'info', program: 'miner', destinationFd: 2 }),
      readRecorded: readRecordedFeed,
      readScript: (path) => readConfigFile(path)?.values,
      untilStopped: stopSignal,
    })
  },
})

async function startMiner(loaded: LoadedConfig<DaemonConfig>): Promise<void> {
  const log = createLogger({ level: loaded.config.log.level, program: 'miner' })
  const stopped = stopSignal()
  const daemon = await composeDaemon(loaded, {
    clock: systemClock,
    joinSubnet: joinConfiguredSubnet,
    log,
    packageRoot,
    version,
    pid: process.pid,
    env: process.env,
    homeFolder: homedir(),
    onBug: (err) => {
      log.fatal({ event: 'miner.failed', err }, 'Miner ends on a bug; a supervisor starts it again')
      process.exit(exitCodes.bug)
    },
  })
  if (process.stdout.isTTY) terminal.warn(welcome(daemon))
  // pm2 with wait_ready counts the miner as up from here on.
  process.send?.('ready')
  const signal = await stopped
  log.info({ event: 'miner.stopping', signal }, 'Miner stopping')
  await daemon.stop()
}

function endOnBug(error: unknown): void {
  terminal.warn(describeError(error).text)
  process.exit(exitCodes.bug)
}

/** The first signal stops in order, a later one at once: both are safe, since state is in the database. */
function stopSignal(): Promise<NodeJS.Signals> {
  // One Ctrl-C may come twice: from the terminal, and handed on by whoever started us.
  const sameSignalMs = 1_000
  return new Promise((resolve) => {
    let stoppingSinceMs: number | undefined
    const onSignal = (signal: NodeJS.Signals): void => {
      const nowMs = systemClock.monotonicMs()
      if (stoppingSinceMs !== undefined && nowMs - stoppingSinceMs > sameSignalMs) process.exit(exitCodes.tryAgain)
      stoppingSinceMs ??= nowMs
      resolve(signal)
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
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
