import type { Command } from 'commander'
import { examples } from '#core/base/cli/examples'
import type { Terminal } from '#core/base/cli/terminal'
import { writeJson } from '#core/base/cli/write-json'
import { ConfigShowShape } from '#core/base/config/config-shape'
import type { LoadedConfig } from '#core/base/config/load-config'
import { type ConfigLine, showConfig } from '#core/base/config/show-config'
import { pageWidth, wrapLine } from '#core/base/text/wrap-line'

export function addConfigCommand(
  program: Command,
  deps: { load: () => LoadedConfig<unknown>; terminal: Terminal },
): void {
  program
    .command('config')
    .description('inspect the configuration')
    .command('show')
    .description('show every setting with its value and where it came from; secrets stay hidden')
    .option('--json', 'as JSON')
    .addHelpText('after', examples(`${program.name()} config show`, `${program.name()} config show --json`))
    .action((options: { json?: boolean }) => {
      const lines = showConfig(deps.load())
      if (options.json === true) {
        writeJson(deps.terminal, ConfigShowShape, { settings: lines })
        return
      }
      for (const line of lines.flatMap(describe)) deps.terminal.write(line)
    })
}

const keyWidth = 32

/** Settings that a person has set are marked by their source; a long list continues on the next lines. */
function describe({ key, value, source }: ConfigLine): string[] {
  const head = key.padEnd(keyWidth)
  const tail = `  (${source})`
  const text = JSON.stringify(value)
  if (head.length + 2 + text.length + tail.length <= pageWidth) return [`${head}  ${text}${tail}`]
  const below = Array.isArray(value) ? value.map((item) => JSON.stringify(item)).join(' ') : text
  return [`${key}${tail}`, ...wrapLine(`  ${below}`, { indent: '  ' })]
}
