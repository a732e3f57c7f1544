import { pino } from 'pino'
import type { Logger } from '#core/base/log/logger'

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent'

/** Secrets never leave config as text; this list is the second net. */
const redactedPaths = [
  '*.secret',
  '*.password',
  '*.apiKey',
  '*.seed',
  'headers.authorization',
  'mnemonic',
  '*.mnemonic',
]

export function createLogger(options: { level: LogLevel; program: string; destinationFd?: number }): Logger {
  return pino(
    {
      level: options.level,
      base: { program: options.program },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths, censor: '[redacted]' },
    },
    pino.destination({ dest: options.destinationFd ?? 1, sync: true }),
  )
}
