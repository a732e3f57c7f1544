// `npm start`: runs the miner or, without any configuration, the whole loop on this machine. `npm start --
// --health.port 9000` passes settings on, `npm start -- wallet show` a command.
import { runMiner } from './run-miner.mjs'

const args = process.argv.slice(2)
const isCommand = args[0] !== undefined && !args[0].startsWith('-')
await runMiner(isCommand ? args : ['start', '--or-demo', ...args])
