import type { Clock } from '#core/base/time/clock'
import { minuteMs } from '#core/base/time/units'
import type { AskedLine, DevValidator } from './dev-validator.ts'
import { horizonName } from './score-table.ts'

export interface RunValidatorDeps {
  /** The market's time, at any speed. */
  readonly clock: Clock
  readonly realClock: Clock
  readonly validator: Pick<DevValidator, 'nextAskAtMs' | 'ask' | 'askBadly' | 'settle'>
  readonly say: (line: string) => void
}

/** Bad requests are sent after this many turns. */
const turnsBetweenBad = 12

/** Sends prompts in the network's rhythm for this long, and scores the answers that become final in that time. */
export async function runValidator(
  { clock, realClock, validator, say }: RunValidatorDeps,
  options: { minutes: number | undefined },
  signal: AbortSignal,
): Promise<void> {
  const startedAtMs = realClock.monotonicMs()
  const endMs = options.minutes === undefined ? Number.POSITIVE_INFINITY : startedAtMs + options.minutes * minuteMs
  let settling: Promise<void> = Promise.resolve()
  let failure: unknown
  let turnsSinceBad = turnsBetweenBad
  while (!signal.aborted && failure === undefined && realClock.monotonicMs() < endMs) {
    const waitMs = validator.nextAskAtMs - clock.nowMs()
    if (waitMs > 0) {
      // One more loop if the timer of a fast clock fires a little early.
      await clock.sleep(waitMs, signal).catch(() => undefined)
      continue
    }
    const askedAtMs = clock.nowMs()
    const lines = await validator.ask(signal)
    if (signal.aborted) break
    say(`  ${new Date(askedAtMs).toISOString().slice(11, 19)}  ${lines.map(askedText).join(', ')}`)
    turnsSinceBad += 1
    if (turnsSinceBad >= turnsBetweenBad) {
      const sent = await validator.askBadly(signal)
      if (sent > 0) {
        turnsSinceBad = 0
        say(`            and ${sent} bad requests`)
      }
    }
    // Final answers are scored during the wait for the next prompts; a second call joins one that is running.
    settling = validator.settle(signal).catch((error: unknown) => {
      failure ??= error
    })
  }
  await settling
  if (failure !== undefined) throw failure
}

export function askedText({ asset, timeLengthSeconds, problem, durationMs }: AskedLine): string {
  const what = `${asset} ${horizonName(timeLengthSeconds)}`
  return problem === undefined ? `${what} ${Math.round(durationMs)} ms` : `${what} NOT ANSWERED: ${problem}`
}
