// Two miners of one folder may start at once: one installs and builds, the other waits and finds it done.
import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const retryMs = 300
const tellEveryMs = 10_000

/**
 * Runs `work` while no other process of this computer runs it for this folder. The operating system releases the name
 * of the socket however a process ends, and no package is needed. Only Linux has such names; elsewhere nobody waits.
 */
export async function oneAtATime(folder, work) {
  if (process.platform !== 'linux') return work()
  const name = `\0volcast-build-${createHash('sha256').update(folder).digest('hex')}`
  const wait = tellWait()
  for (;;) {
    const server = await listen(name)
    if (server === undefined) {
      wait.sayNow()
      await sleep(retryMs)
      continue
    }
    wait.end()
    try {
      return await work()
    } finally {
      server.close()
    }
  }
}

/** Another command of this folder installs or builds, which can take minutes: a line at once, then every ten seconds. */
function tellWait() {
  const startedAt = performance.now()
  let nextMs = 0
  return {
    sayNow() {
      const waitedMs = performance.now() - startedAt
      if (waitedMs < nextMs) return
      const since = nextMs === 0 ? '' : ` (${Math.round(waitedMs / 1000)} s)`
      process.stderr.write(`Another command installs or builds here; waiting for it ...${since}\n`)
      nextMs = waitedMs + tellEveryMs
    },
    end() {
      if (nextMs > 0) process.stderr.write('The other command is done.\n')
    },
  }
}

/** Undefined: another process has the name. */
function listen(name) {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)))
    server.listen(name, () => resolve(server.unref()))
  })
}
