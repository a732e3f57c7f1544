import type { LogFields, Logger } from '#core/base/log/logger'

export type LogEntry = LogFields & { readonly level: string }

interface Watcher {
  readonly matches: (entry: LogEntry) => boolean
  readonly tell: (entry: LogEntry) => void
}

/** Keeps what was logged, and lets a test wait for a line instead of for a time. */
export class WatchedLogger implements Logger {
  readonly entries: LogEntry[] = []
  #watchers: Watcher[] = []

  /** The next entry of this event from now on, or an earlier one when `from` says where to begin. */
  next(event: string, options: { where?: (entry: LogEntry) => boolean; from?: number } = {}): Promise<LogEntry> {
    const matches = (entry: LogEntry): boolean => entry.event === event && (options.where?.(entry) ?? true)
    const already = options.from === undefined ? undefined : this.entries.slice(options.from).find(matches)
    if (already !== undefined) return Promise.resolve(already)
    return new Promise((tell) => this.#watchers.push({ matches, tell }))
  }

  /** The first entry of this event, past or to come. */
  first(event: string, where?: (entry: LogEntry) => boolean): Promise<LogEntry> {
    return this.next(event, { from: 0, ...(where === undefined ? {} : { where }) })
  }

  events(): string[] {
    return this.entries.map((entry) => entry.event)
  }

  count(event: string): number {
    return this.entries.filter((entry) => entry.event === event).length
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
    return (fields) => {
      const entry = { ...fields, level }
      this.entries.push(entry)
      const told = this.#watchers.filter((watcher) => watcher.matches(entry))
      this.#watchers = this.#watchers.filter((watcher) => !told.includes(watcher))
      for (const watcher of told) watcher.tell(entry)
    }
  }
}
