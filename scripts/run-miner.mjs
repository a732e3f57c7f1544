// Installs what is missing, compiles, and runs the miner as a child that gets our signals and gives us its exit code.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { build } from './build.mjs'
import { root } from './install.mjs'

// Without a limit the space for young objects grows to 32 MB, and the miner makes few; Dockerfile and
// ecosystem.config.cjs set the same.
const nodeFlags = ['--max-semi-space-size=2']

export async function runMiner(args) {
  await build()
  const miner = spawn(process.execPath, [...nodeFlags, join(root, 'bin', 'miner.mjs'), ...args], { stdio: 'inherit' })
  // A terminal sends Ctrl-C to both of us; everything else reaches only this process, so it is passed on.
  process.on('SIGINT', () => process.stdin.isTTY || miner.kill('SIGINT'))
  process.on('SIGTERM', () => miner.kill('SIGTERM'))
  miner.on('exit', (code, signal) => process.exit(code ?? (signal ? 75 : 70)))
}
