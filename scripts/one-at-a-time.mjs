// Two miners of one folder may start at once: one installs and builds, the other waits and finds it done.
import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const retryMs = 300

/**
 * Runs `work` while no other process of this computer runs it for this folder. The operating system releases the name
 * of the socket however a process ends, and no package is needed. Only Linux has such names; elsewhere nobody waits.
 */
export async function oneAtATime(folder, work) {
  if (process.platform !== 'linux') return work()
  const name = `\0volcast-build-${createHash('sha256').update(folder).digest('hex')}`
  for (;;) {
    const server = await listen(name)
    if (server === undefined) {
      await sleep(retryMs)
      continue
    }
    try {
      return await work()
    } finally {
      server.close()
    }
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
