import { constants, fstatSync, openSync, readFileSync } from 'node:fs'

/** Where lines go: a stream of the process that started us, or our own file, which is rotated. */
export type LogOutput =
  | { readonly kind: 'stream'; readonly fd: number }
  | { readonly kind: 'file'; readonly path: string; readonly maxBytes: number; readonly keepFiles: number }

export function logOutput(settings: { file?: string | undefined; maxBytes: number; keepFiles: number }): LogOutput {
  const { file, maxBytes, keepFiles } = settings
  return file === undefined ? { kind: 'stream', fd: 1 } : { kind: 'file', path: file, maxBytes, keepFiles }
}

export interface OpenedStream {
  readonly fd: number
  /** Opened here, so closed here. */
  readonly isOwn: boolean
  /**
   * `atOnce`: a write returns at once, with or without a reader, and may be made on the answering thread. `disk`: it
   * takes as long as the disk takes. `mayBlock`: it may wait for its reader for ever.
   */
  readonly manner: 'atOnce' | 'disk' | 'mayBlock'
}

/**
 * A pipe, terminal or socket without a reader must not stop us. Pipes and terminals are opened a second time, without
 * blocking: that flag belongs to the open file, and the one that we were given is shared with others.
 */
export function openStream(fd: number): OpenedStream {
  if (!isPipeTerminalOrSocket(fd)) return { fd, isOwn: false, manner: 'disk' }
  try {
    const own = openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    return { fd: own, isOwn: true, manner: 'atOnce' }
  } catch {
    // A socket, a reader that is gone, or not Linux. Node makes a pipe or socket non-blocking when it uses it.
    if (fd === 1) void process.stdout
    if (fd === 2) void process.stderr
    return { fd, isOwn: false, manner: isNonBlocking(fd) ? 'atOnce' : 'mayBlock' }
  }
}

function isPipeTerminalOrSocket(fd: number): boolean {
  try {
    const stat = fstatSync(fd)
    return stat.isFIFO() || stat.isSocket() || stat.isCharacterDevice()
  } catch {
    return false
  }
}

function isNonBlocking(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1]
    return flags !== undefined && (Number.parseInt(flags, 8) & constants.O_NONBLOCK) !== 0
  } catch {
    return false
  }
}
