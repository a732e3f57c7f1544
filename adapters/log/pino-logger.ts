import { isatty } from 'node:tty'
import { pino } from 'pino'
import type { PartHealth } from '#core/base/health/health-board'
import { humanLine } from '#core/base/log/human-line'
import type { Logger } from '#core/base/log/logger'
import { systemClock, waitIdly } from '../clock/system-clock.ts'
import type { LogOutput } from './log-output.ts'
import { LogWriter } from './log-writer.ts'

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent'

/** Secrets never leave config as text; this list is a second protection. */
const redactedPaths = [
  '*.secret',
  '*.password',
  '*.apiKey',
  '*.seed',
  'headers.authorization',
  'mnemonic',
  '*.mnemonic',
]

/** At an exit; a destination that accepts nothing must not delay a supervisor. */
const flushMs = 1_000

export interface OpenLog {
  readonly log: Logger
  health(): PartHealth
  /** False: some lines could not be written within a second. */
  flush(): Promise<boolean>
  /** Nothing is written after this. */
  close(): Promise<void>
}

/** A log that stops nobody: see docs/adr/0081-log-never-waits.md. */
export function openLog(options: { level: LogLevel; program: string; output: LogOutput }): OpenLog {
  const sayDropped = (dropped: number) =>
    log.warn({ event: 'log.dropped', dropped }, 'Lines before this one were dropped: nobody read them')
  const writer = new LogWriter({ clock: systemClock, waitIdly, sayDropped }, options.output)
  // JSON for programs, sentences for a person: who reads is known from where it goes.
  const isTerminal = options.output.kind === 'stream' && isatty(options.output.fd)
  const hasColor = (process.env['NO_COLOR'] ?? '') === ''
  const write = (line: string) => writer.write(isTerminal ? humanLine(line, hasColor) : line)
  const log = pino(
    {
      level: options.level,
      base: { program: options.program },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths, censor: '[redacted]' },
    },
    { write: lostAlone(write, writer, (err) => log.error({ event: 'log.failed', err }, 'A line is lost by a bug')) },
  )
  const onExit = () => writer.writeRest()
  process.once('exit', onExit)
  return {
    log,
    health: () => writer.health(),
    flush: () => writer.flush(flushMs),
    close: async () => {
      process.off('exit', onExit)
      await writer.close(flushMs)
    },
  }
}

/** A bug in the log is no bug of whoever writes a line: that line is lost, and one more says so. */
function lostAlone(write: (line: string) => void, writer: LogWriter, say: (err: unknown) => void) {
  let isSaying = false
  return (line: string): void => {
    try {
      write(line)
    } catch (err) {
      writer.noteLost()
      if (isSaying) return
      isSaying = true
      say(err)
      isSaying = false
    }
  }
}

/** Lines for a person at a terminal, in addition to what a command prints. */
export function logToTerminal(options: { level: LogLevel; program: string }): Logger {
  return openLog({ ...options, output: { kind: 'stream', fd: 2 } }).log
}
