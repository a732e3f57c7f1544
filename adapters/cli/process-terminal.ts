import type { Terminal } from '#core/base/cli/terminal'

/** The process's own streams; honours NO_COLOR. */
export function processTerminal(streams: {
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  env: NodeJS.ProcessEnv
}): Terminal {
  // "tuner ... | head" closes our output early; that is not an error.
  for (const stream of [streams.stdout, streams.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
  return {
    write: (line) => void streams.stdout.write(`${line}\n`),
    warn: (line) => void streams.stderr.write(`${line}\n`),
    columns: streams.stdout.isTTY ? streams.stdout.columns : undefined,
    hasColor: streams.stdout.isTTY === true && (streams.env['NO_COLOR'] ?? '') === '',
  }
}
