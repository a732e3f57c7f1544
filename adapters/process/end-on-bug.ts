import { describeError } from '#core/base/errors/app-error'
import { exitCodes } from '#core/base/errors/codes'
import type { LastLog } from '#core/base/lifecycle/last-log'

type EndingProcess = Pick<NodeJS.Process, 'on' | 'exit'>

/**
 * After an unexpected error, state in memory cannot be trusted: it is logged once, and the process exits. What is on
 * disk survives this like a kill, and a supervisor restarts the program.
 */
export class EndOnBug {
  readonly #process: EndingProcess
  readonly #warn: (text: string) => void
  #lastLog: LastLog | undefined
  #isEnding = false

  constructor(deps: { process: EndingProcess; warn: (text: string) => void }) {
    this.#process = deps.process
    this.#warn = deps.warn
  }

  /** Also for promises that nobody waits for, whatever NODE_OPTIONS says about them. */
  watch(): void {
    this.#process.on('uncaughtException', this.end)
    this.#process.on('unhandledRejection', this.end)
  }

  /** From now on a bug is logged there; before that, and if the log accepts no line, it goes to standard error. */
  reportTo(lastLog: LastLog): void {
    this.#lastLog = lastLog
  }

  readonly end = (error: unknown): void => {
    // Errors that follow from the first one say nothing more.
    if (this.#isEnding) return
    this.#isEnding = true
    // While there is no log yet, a command runs, and its error may be one that a person can correct.
    const exitCode = this.#lastLog === undefined ? describeError(error).exitCode : exitCodes.bug
    const exit = () => this.#process.exit(exitCode)
    this.#say(error).then(exit, exit)
  }

  async #say(error: unknown): Promise<void> {
    if (this.#lastLog !== undefined) {
      const { log, flush } = this.#lastLog
      const err = error instanceof Error ? error : new Error(String(error))
      log.fatal({ event: 'miner.failed', err }, 'Miner ends because of a bug; a supervisor restarts it')
      if (await flush()) return
    }
    this.#warn(describeError(error).text)
  }
}
