import { writeJson } from '#core/base/cli/write-json'
import { AppError } from '#core/base/errors/app-error'
import { dayMs } from '#core/base/time/units'
import { formatInstant } from '#core/synth/regimes/instant'
import { resolveAverageRules } from '#core/synth/regimes/resolve'
import { startMsOf } from '#core/tuning/shadow/field'
import { verifyWeights, type WeightVerification } from '#core/tuning/shadow/verify-weights'
import { ShadowVerifyShape, viewVerified } from '#core/tuning/views/verify-view'
import { readPeriod } from '../../options/period.ts'
import type { DaysOptions, ShadowCommandDeps, ShadowContext } from './context.ts'
import { verifyLines } from './text.ts'

/** `tuner shadow verify`. */
export async function verifyShadow(
  context: ShadowContext,
  { terminal, clock, progress }: ShadowCommandDeps,
  options: DaysOptions,
): Promise<void> {
  const period = readPeriod(options, clock.nowMs())
  const { competitions } = resolveAverageRules(context.book, { updateAtMs: period.toMs })
  const verified: WeightVerification[] = []
  try {
    for (const [i, competition] of competitions.entries()) {
      progress.update('published weights', i, competitions.length)
      const { label, slug, assets, timeLengthSeconds, windowDays } = competition
      if (slug === null) continue
      const answer = await context.api.fetchRewards({ competitionSlug: slug, ...period })
      if (!answer.ok)
        throw new AppError('FIELD_FETCH_FAILED', `The published weights could not be fetched: ${answer.message}.`)
      // The API reads an end as a day.
      const rewards = answer.rows.filter(
        ({ updatedAtMs }) => updatedAtMs >= period.fromMs && updatedAtMs <= period.toMs,
      )
      const fromMs = period.fromMs - windowDays * dayMs - timeLengthSeconds * 1000
      const received = new Map(
        assets.map((asset) => [asset, context.readReceived({ asset, timeLengthSeconds }, { ...period, fromMs })]),
      )
      verified.push(
        verifyWeights(context, label, rewards, (prompt) => received.get(prompt.asset)?.get(startMsOf(prompt))),
      )
    }
  } finally {
    progress.stop()
  }
  if (options.json === true) writeJson(terminal, ShadowVerifyShape, viewVerified(period, verified))
  else for (const line of verifyLines(period, verified)) terminal.write(line)
  const different = verified.find(({ first }) => first !== undefined)
  if (different !== undefined) {
    const { updatedAtMs, uid } = different.first!
    throw new AppError(
      'FIELD_WEIGHTS_DIFFER',
      `Our weights differ from the validator's, first at ${formatInstant(updatedAtMs)} for uid ${uid} in ${different.label}.`,
    )
  }
  if (verified.every(({ updates }) => updates === 0)) {
    terminal.warn(
      'No update of the validator could be compared: each needs the public scores of its whole window ("tuner shadow fetch --days 12").',
    )
  }
}
