import type { Clock } from '#core/base/time/clock'
import { minuteMs } from '#core/base/time/units'
import type { AskedLine, DevValidator } from './dev-validator.ts'
import { horizonName } from './score-table.ts'

export interface RunValidatorDeps {
  /** The market's time, at whatever pace it goes. */
  readonly clock: Clock
  readonly realClock: Clock
  readonly validator: Pick<DevValidator, 'nextAskAtMs' | 'ask' | 'askBadly' | 'settle'>
  readonly say: (line: string) => void
}

/** Bad requests come after every so many turns. */
const turnsBetweenBad = 12

/** Asks on the network's cadence for so long, and scores what settles in that time. */
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
      // Around once more where the timer of a fast clock fires a little early.
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
    // What has settled is scored while the next prompts are awaited; a second call joins one that is under way.
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
