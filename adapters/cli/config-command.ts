import type { Command } from 'commander'
import type { Terminal } from '#core/cli/terminal'
import type { LoadedConfig } from '#core/config/load-config'
import { showConfig } from '#core/config/show-config'

export function addConfigCommand(
  program: Command,
  deps: { load: () => LoadedConfig<unknown>; terminal: Terminal },
): void {
  program
    .command('config')
    .description('look at the configuration')
    .command('show')
    .description('every setting with its value and where it came from; secrets stay hidden')
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }) => {
      const lines = showConfig(deps.load())
      if (options.json === true) {
        deps.terminal.write(JSON.stringify(lines, null, 2))
        return
      }
      const width = Math.max(...lines.map((line) => line.key.length))
      for (const line of lines) {
        deps.terminal.write(`${line.key.padEnd(width)}  ${JSON.stringify(line.value)}  (${line.source})`)
      }
    })
}
