import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { entering } from '../dev-miner.ts'
import type { SmallDisk } from '../small-disk.ts'

/** Runs Node where the miner's disk is mounted, and answers what it printed. */
export async function runBeside(
  disk: SmallDisk,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const [program = '', ...words] = [...entering(disk.pid), process.execPath, ...args]
  const { stdout } = await promisify(execFile)(program, words, { cwd: disk.folder, env: { ...bareEnv(), ...env } })
  return stdout
}

/** Without the settings and wallets of the person who runs the tests. */
function bareEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VOLCAST|BT|NODE_OPTIONS)/.test(name)))
}
