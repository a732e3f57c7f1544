import { createInterface } from 'node:readline/promises'

export interface Streams {
  readonly stdin: NodeJS.ReadableStream & { isTTY?: boolean }
  readonly stdout: { isTTY?: boolean }
  readonly stderr: NodeJS.WritableStream
}

/** Asks a person for a line; undefined if they end the input instead. */
export type Ask = (question: string) => Promise<string | undefined>

/** Undefined where nobody reads the output or nobody can type: in a pipe, in cron. */
export function personAt({ stdin, stdout, stderr }: Streams): Ask | undefined {
  if (stdin.isTTY !== true || stdout.isTTY !== true) return undefined
  return async (question) => {
    const reader = createInterface({ input: stdin, output: stderr, terminal: true })
    // Ctrl-D and Ctrl-C close the reader without an answer.
    const closed = new Promise<undefined>((resolve) =>
      reader.once('close', () => {
        stderr.write('\n')
        resolve(undefined)
      }),
    )
    try {
      return await Promise.race([reader.question(question), closed])
    } finally {
      reader.removeAllListeners('close')
      reader.close()
    }
  }
}
