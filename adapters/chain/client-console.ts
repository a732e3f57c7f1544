import type { Logger } from '#core/base/log/logger'

type ConsoleMethod = 'log' | 'warn' | 'error'
type Console = Pick<typeof console, ConsoleMethod>

/**
 * The libraries around @polkadot/api write "2026-11-21 03:40:44", then a name padded to 16 characters, then the text.
 */
const stamp = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/
const origin = /^ *[A-Z][A-Z0-9/._-]*:$/

/**
 * Turns console lines of the client libraries into entries of our log, and leaves all other lines unchanged. Returns a
 * function that undoes this.
 */
export function routeClientConsole(log: Logger, target: Console): () => void {
  const before = { log: target.log, warn: target.warn, error: target.error }
  const route = (method: ConsoleMethod): void => {
    const write = before[method]
    target[method] = (...words: unknown[]): void => {
      const [time, name, ...rest] = words
      if (typeof time !== 'string' || typeof name !== 'string' || !stamp.test(time) || !origin.test(name)) {
        write.apply(target, words)
        return
      }
      const text = rest
        .map((word) => (word instanceof Error ? word.message : String(word)))
        .join(' ')
        .slice(0, 500)
      const fields = { event: 'chain.client_said', origin: name.trim().slice(0, -1), text }
      // Nearly all of it is about a failed request of ours, which is reported where it was made.
      log.debug(fields, 'The chain client library wrote a message')
    }
  }
  route('log')
  route('warn')
  route('error')
  return () => void Object.assign(target, before)
}
