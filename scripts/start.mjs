// `npm start`: installs what is missing, compiles, runs the miner. `npm start -- --health.port 9000` passes settings on.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { build } from './build.mjs'
import { ensureInstalled, root } from './install.mjs'

ensureInstalled()
build()
// The space for young objects grows to 32 MB when left alone, and the miner makes few; Dockerfile and ecosystem.config.cjs
// say the same.
const nodeFlags = ['--max-semi-space-size=2']
const miner = spawn(process.execPath, [...nodeFlags, join(root, 'bin', 'miner.mjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
})
// The terminal sends Ctrl-C to both; a supervisor's signal reaches only this process, so it is passed on.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.stdin.isTTY || miner.kill(signal))
miner.on('exit', (code, signal) => process.exit(code ?? (signal ? 75 : 70)))
