/** Where a command writes. Tests pass a list; main.ts passes the process's streams. */
export interface Terminal {
  /** One line on standard output; the line end is added. */
  write(line: string): void
  /** One line on standard error. */
  warn(line: string): void
  /** Undefined when standard output is not a terminal. */
  readonly columns: number | undefined
  readonly hasColor: boolean
}
