import type { Command } from 'commander'
import { examples } from '#core/base/cli/examples'
import type { Terminal } from '#core/base/cli/terminal'
import type { Daemon } from '#daemon/compose'
import { toPort, toUrl } from '../options/arguments.ts'

export interface DevDaemonDeps {
  readonly terminal: Terminal
  readonly openDaemon: (options: { marketUrl: string; port: number; healthPort: number }) => Promise<Daemon>
  /** Resolves when the program is asked to stop. */
  readonly untilStopped: () => Promise<unknown>
}

interface DevDaemonOptions {
  readonly market: string
  readonly port: number
  readonly healthPort: number
}

/** `miner dev daemon`: the miner alone, in the market stand-in's time and the simulated subnet. */
export function addDevDaemonCommand(program: Command, deps: DevDaemonDeps): Command {
  return program
    .command('daemon')
    .description('run the miner in the time of a market stand-in, in a simulated subnet or on a local chain')
    .option('--market <address>', 'the market stand-in', toUrl, 'http://127.0.0.1:8095')
    .option('--port <number>', 'port of the axon, on loopback; 0 takes any free one', toPort, 8091)
    .option('--health-port <number>', 'port of the health page; 0 takes any free one', toPort, 8092)
    .addHelpText(
      'after',
      `\nSettings count only on the same command line, not in files or environment. With\nwallet.name the miner uses that hotkey and the chain of its settings, otherwise\na hotkey that everybody has, and no chain.\n${examples('miner dev daemon', 'miner dev daemon --db.path kept.sqlite --journal.sampling all')}`,
    )
    .action(async ({ market, port, healthPort }: DevDaemonOptions) => {
      const stopped = deps.untilStopped()
      const daemon = await deps.openDaemon({ marketUrl: market, port, healthPort })
      const [axon] = daemon.axons
      deps.terminal.warn(`Axon on http://127.0.0.1:${axon?.port}, hotkey ${axon?.hotkey}.`)
      await stopped
      await daemon.stop()
    })
}
