import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/** Asks a person without showing what is typed. Undefined if nobody can answer. */
export async function askSecret(
  streams: { stdin: NodeJS.ReadableStream & { isTTY?: boolean }; stderr: NodeJS.WritableStream },
  question: string,
): Promise<string | undefined> {
  if (streams.stdin.isTTY !== true) return undefined
  streams.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: streams.stdin, output: silent, terminal: true })
  // Ctrl-D and Ctrl-C close the reader without an answer.
  const closed = new Promise<undefined>((resolve) => reader.once('close', () => resolve(undefined)))
  try {
    return await Promise.race([reader.question(''), closed])
  } finally {
    reader.close()
    streams.stderr.write('\n')
  }
}
