// `npm run demo -- --minutes 2 --report FILE`: the whole loop on this machine; exits with 0 when everything was
// correct.
import { runMiner } from './run-miner.mjs'

await runMiner(['dev', 'demo', ...(process.argv.length > 2 ? process.argv.slice(2) : ['--minutes', '2'])])
