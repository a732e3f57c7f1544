import type { LogFields, Logger } from '#core/base/log/logger'

/** Keeps what was logged, for tests that look at it. */
export class TestLogger implements Logger {
  readonly entries: (LogFields & { level: string })[]

  constructor(entries: (LogFields & { level: string })[] = []) {
    this.entries = entries
  }

  events(): string[] {
    return this.entries.map((entry) => entry.event)
  }

  fatal = this.#keep('fatal')
  error = this.#keep('error')
  warn = this.#keep('warn')
  info = this.#keep('info')
  debug = this.#keep('debug')

  child(): Logger {
    return this
  }

  #keep(level: string): (fields: LogFields, sentence: string) => void {
    return (fields) => void this.entries.push({ ...fields, level })
  }
}
