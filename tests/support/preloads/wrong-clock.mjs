// Loaded before a miner that lives in the time of a market stand-in (node --import): its wall clock is off by the
// milliseconds in the file that WRONG_CLOCK_FILE names. They are read at the start and at each SIGUSR2.
import { readFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const file = process.env['WRONG_CLOCK_FILE']

if (isMainThread && file !== undefined) {
  const { ScaledClock } = await import(new URL('../../../dist/core/base/time/scaled-clock.js', import.meta.url).href)
  const rightMs = ScaledClock.prototype.nowMs
  const read = () => Number(readFileSync(file, 'utf8'))
  let offMs = read()
  ScaledClock.prototype.nowMs = function nowMs() {
    return rightMs.call(this) + offMs
  }
  process.on('SIGUSR2', () => {
    offMs = read()
  })
}
