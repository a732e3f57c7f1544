import { type ErrorCode, errorTable, exitCodes } from './codes.ts'

export type ErrorDetails = Readonly<Record<string, string | number | boolean>>

export interface AppErrorOptions {
  /** The next thing to do, as a command when there is one. */
  readonly hint?: string
  readonly retryable?: boolean
  readonly details?: ErrorDetails
  readonly cause?: unknown
}

/** A code for machines, a sentence for people, a hint for the person on call. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly hint: string
  readonly retryable: boolean
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.hint = options.hint ?? errorTable[code].action
    this.retryable = options.retryable ?? errorTable[code].exit === 'tryAgain'
    this.details = options.details ?? {}
  }

  get exitCode(): number {
    return exitCodes[errorTable[this.code].exit]
  }
}

export class ConfigError extends AppError {}
export class UsageError extends AppError {}
export class InputError extends AppError {}
export class StoreError extends AppError {}
export class LifecycleError extends AppError {}

/** What a person reads: message and hint for a mistake of theirs, the stack for a bug. */
export function describeError(error: unknown): { text: string; exitCode: number } {
  if (error instanceof AppError && error.code !== 'BUG') {
    return { text: `${error.code}: ${error.message}\n  ${error.hint}`, exitCode: error.exitCode }
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { text: `BUG: ${stack}\n  ${errorTable.BUG.action}`, exitCode: exitCodes.bug }
}
