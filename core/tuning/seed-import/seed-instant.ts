import { instantSecondsOf, parsePythonDatetime } from '#core/base/time/python-datetime'

/** The older miner wrote some times without a zone; they are taken for UTC. Undefined: no time. */
export function instantMsOf(text: string): number | undefined {
  const time = parsePythonDatetime(text)
  return time === null ? undefined : instantSecondsOf(time) * 1_000 + Math.floor(time.microseconds / 1_000)
}
