import type { Terminal } from '#core/base/cli/terminal'
import { StoreError } from '#core/base/errors/app-error'

/** The process's own streams; respects NO_COLOR. */
export function processTerminal(streams: {
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  env: NodeJS.ProcessEnv
}): Terminal {
  streams.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    // "tuner ... | head" closes our output early; that is not an error.
    if (cause.code === 'EPIPE') return
    throw new StoreError('OUTPUT_FAILED', `Standard output cannot be written (${cause.code ?? cause.message}).`, {
      cause,
    })
  })
  // Nobody is left to tell, and what was to be told is no reason to end.
  streams.stderr.on('error', () => {})
  return {
    write: (line) => void streams.stdout.write(`${line}\n`),
    warn: (line) => void streams.stderr.write(`${line}\n`),
    columns: streams.stdout.isTTY ? streams.stdout.columns : undefined,
    hasColor: streams.stdout.isTTY === true && (streams.env['NO_COLOR'] ?? '') === '',
  }
}
