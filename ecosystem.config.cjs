// The rules under which pm2 runs the miner. "pm2 start miner" takes them from here too (bin/under-pm2.mjs).
const { existsSync, readdirSync } = require('node:fs')
const { join } = require('node:path')

const rules = {
  // Left alone, the space for young objects grows to 32 MB.
  node_args: '--max-semi-space-size=2',
  // The miner says when it is up, and closes in order when it is asked to.
  wait_ready: true,
  // The first start, and the first one after an upgrade, may install and build before.
  listen_timeout: 900_000,
  kill_timeout: 20_000,
  // A wrong configuration does not mend itself by starting again.
  stop_exit_codes: [3, 4, 5, 64, 78],
  exp_backoff_restart_delay: 500,
  // Several times what it needs.
  max_memory_restart: '1G',
}

// One miner for each folder hotkeys/NAME with a volcast.yaml, run in that folder; without any, one in this folder.
const hotkeys = join(__dirname, 'hotkeys')
const names = existsSync(hotkeys) ? readdirSync(hotkeys).sort() : []
const own = names.filter((name) => existsSync(join(hotkeys, name, 'volcast.yaml')))
const places = own.length > 0 ? own.map((name) => [name, join(hotkeys, name)]) : [['miner', __dirname]]

module.exports = {
  apps: places.map(([name, cwd]) => ({
    ...{ name, cwd, script: join(__dirname, 'bin', 'miner.mjs'), args: 'start' },
    ...rules,
  })),
}
