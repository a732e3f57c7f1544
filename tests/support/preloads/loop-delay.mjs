// Loaded before a program (node --import): measures the delay of its event loop. At SIGUSR2 it writes what it measured
// since the last signal into the file that LOOP_DELAY_FILE names.
import { renameSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

const file = process.env['LOOP_DELAY_FILE']

if (isMainThread && file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  process.on('SIGUSR2', () => {
    writeFileSync(`${file}.part`, JSON.stringify({ p99Ms: delay.percentile(99) / 1e6, maxMs: delay.max / 1e6 }))
    renameSync(`${file}.part`, file)
    delay.reset()
  })
}
