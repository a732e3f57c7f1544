/** The part of pino that modules use; `event` is `noun.past` and stable, the sentence may change. */
export interface LogFields {
  readonly event: string
  readonly [field: string]: unknown
}

export interface Logger {
  fatal(fields: LogFields, sentence: string): void
  error(fields: LogFields, sentence: string): void
  warn(fields: LogFields, sentence: string): void
  info(fields: LogFields, sentence: string): void
  debug(fields: LogFields, sentence: string): void
  child(bindings: Readonly<Record<string, unknown>>): Logger
}
