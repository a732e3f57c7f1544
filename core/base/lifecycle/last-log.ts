import type { Logger } from '../log/logger.ts'

/** A log that the last line of a program goes to. */
export interface LastLog {
  readonly log: Logger
  /** False: not everything could be written in time. */
  flush(): Promise<boolean>
}
