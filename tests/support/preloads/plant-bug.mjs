// Loaded before a program (node --import): throws or rejects where nobody catches it. At SIGUSR2, or for a program that
// ends by itself as soon as it listens for such errors.
import { isMainThread } from 'node:worker_threads'

const kind = process.env['PLANTED_BUG']

function plant() {
  const error = new Error('planted by the test')
  if (kind === 'rejection') void Promise.reject(error)
  else throw error
}

if (isMainThread) {
  process.on('SIGUSR2', plant)
  if (process.env['PLANTED_AT'] === 'once') {
    process.once('newListener', function wait(name) {
      if (name === 'uncaughtException') setImmediate(() => setImmediate(plant))
      else process.once('newListener', wait)
    })
  }
}
