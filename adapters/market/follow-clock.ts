import { InputError } from '#core/base/errors/app-error'
import type { Clock } from '#core/base/time/clock'
import { ScaledClock } from '#core/base/time/scaled-clock'
import { requestJson, urlUnder } from './http-json.ts'

/** The time of a market stand-in, for programs that must run in it: its `/clock` gives now and speed. */
export async function followStandInClock(standInUrl: string, base: Clock): Promise<ScaledClock> {
  const answer = await requestJson({ url: urlUnder(standInUrl, 'clock') }, { deadlineMs: 5_000, maxAnswerBytes: 4_096 })
  if (!answer.ok) {
    throw new InputError(
      'INPUT_INVALID',
      `The market stand-in at ${standInUrl} does not give its time: ${answer.message}.`,
      {
        hint: 'Start it with "miner dev market", or remove the setting to run in real time.',
      },
    )
  }
  const { nowMs, speed } = answer.value as { nowMs?: unknown; speed?: unknown }
  if (typeof nowMs !== 'number' || typeof speed !== 'number' || !(speed > 0) || !Number.isFinite(nowMs)) {
    throw new InputError('INPUT_INVALID', `What answers at ${standInUrl} is not a market stand-in.`, {
      hint: 'Start one with "miner dev market" and use the address that it prints.',
    })
  }
  return new ScaledClock(base, { startAtMs: nowMs, speed })
}
