import type { Command } from 'commander'
import { examples } from '#core/base/cli/examples'
import type { Terminal } from '#core/base/cli/terminal'
import { writeJson } from '#core/base/cli/write-json'
import { counted } from '#core/base/text/counted'
import { BackupShape, RestoreShape, ShrinkShape } from './backup-shapes.ts'

interface StoredFile {
  readonly path: string
  readonly sizeBytes: number
  readonly tables: Readonly<Record<string, number>>
}

export interface BackupCommandDeps {
  readonly terminal: Terminal
  readonly backUp: (folder: string) => Promise<readonly StoredFile[]>
  /** Refuses while a miner runs on the same database. */
  readonly restore: (from: string) => Promise<readonly (StoredFile & { readonly movedTo: string | undefined })[]>
  /** Refuses while a miner runs on the same database. */
  readonly shrink: () => Promise<{
    readonly path: string
    readonly sizeBytesBefore: number
    readonly sizeBytes: number
  }>
}

export function addBackupCommands(program: Command, { terminal, backUp, restore, shrink }: BackupCommandDeps): void {
  program
    .command('backup')
    .description('copy the databases to a new folder, also while the miner runs')
    .argument('<folder>', 'a new folder; nothing is overwritten')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('miner backup backups/monday', 'miner backup backups/tuesday --json'))
    .action(async (folder: string, options: { json?: boolean }) => {
      const files = await backUp(folder)
      if (options.json === true) writeJson(terminal, BackupShape, { folder, files })
      else for (const file of files) terminal.write(describe(file))
    })
  program
    .command('restore')
    .description('put a backup in the place of the databases; the miner must be stopped')
    .argument('<backup>', 'a folder of "miner backup", or one file: the main database')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('miner restore backups/older', 'miner restore backups/older/miner.sqlite'))
    .action(async (from: string, options: { json?: boolean }) => {
      const files = await restore(from)
      if (options.json === true) {
        writeJson(terminal, RestoreShape, { files: files.map((file) => ({ ...file, movedTo: file.movedTo ?? null })) })
        return
      }
      for (const file of files) {
        terminal.write(describe(file))
        if (file.movedTo !== undefined) terminal.write(`  the replaced file is kept as ${file.movedTo}`)
      }
    })
  program
    .command('shrink')
    .description('give the unused space of the main database back; the miner must be stopped')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('miner shrink', 'miner shrink --json'))
    .action(async (options: { json?: boolean }) => {
      const file = await shrink()
      if (options.json === true) writeJson(terminal, ShrinkShape, file)
      else terminal.write(`${file.path}: ${file.sizeBytes} bytes, ${file.sizeBytesBefore} before`)
    })
}

function describe({ path, sizeBytes, tables }: StoredFile): string {
  const rows = Object.values(tables).reduce((sum, count) => sum + count, 0)
  return `${path}: ${counted(Object.keys(tables).length, 'table')}, ${counted(rows, 'row')}, ${sizeBytes} bytes, checked`
}
