import type { Terminal } from '#core/base/cli/terminal'
import type { Logger } from '#core/base/log/logger'

/** For commands that a person runs: only problems, as sentences on standard error. */
export function terminalLogger({ warn }: Terminal): Logger {
  const say = (_: unknown, sentence: string): void => warn(sentence)
  const logger: Logger = {
    fatal: say,
    error: say,
    warn: say,
    info: () => {},
    debug: () => {},
    child: () => logger,
  }
  return logger
}
