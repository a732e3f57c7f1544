// Runs a command that may be silent for a minute, and says how long it has been at work: each second on a terminal,
// every ten seconds elsewhere. Only Node's own modules: it runs before any package exists.
import { spawn } from 'node:child_process'

/** A command that ends sooner says nothing. */
const quietMs = 2_000

/** Resolves when the command ends well; otherwise it ends this process with the command's exit code. */
export async function showRun(label, [command, ...args], { cwd, env = {} }) {
  const { stderr } = process
  const isTerminal = stderr.isTTY === true
  const startedAt = performance.now()
  const elapsed = () => `${Math.round((performance.now() - startedAt) / 1000)} s`
  const clear = () => isTerminal && stderr.write('\r\u001b[K')
  const show = () => stderr.write(isTerminal ? `\r${label} ... ${elapsed()}` : `${label} ... ${elapsed()}\n`)
  let repeated
  const first = setTimeout(() => {
    show()
    repeated = setInterval(show, isTerminal ? 1_000 : 10_000)
  }, quietMs)
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (text) => {
      clear()
      stderr.write(text)
    })
  }
  // Whoever reads may have left; the work goes on. Who stops us stops the work too.
  stderr.on('error', () => {})
  const stop = (signal) => {
    child.kill(signal)
    process.exit(75)
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  process.off('SIGINT', stop).off('SIGTERM', stop)
  clearTimeout(first)
  clearInterval(repeated)
  if (repeated !== undefined) {
    clear()
    stderr.write(`${label}: ${status === 0 ? 'done' : 'failed'} after ${elapsed()}\n`)
  }
  if (status !== 0) process.exit(status ?? 1)
}
