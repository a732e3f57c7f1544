import { writeJson } from '#core/base/cli/write-json'
import { AppError } from '#core/base/errors/app-error'
import { dayMs } from '#core/base/time/units'
import { watchField } from '#core/tuning/shadow/watch-field'
import { ShadowWatchShape, viewWatch } from '#core/tuning/views/rule-watch-view'
import type { DaysOptions, ShadowCommandDeps, ShadowContext } from './context.ts'
import { watchLines } from './text.ts'
import { readUid } from './uid.ts'

/** `tuner shadow watch`. */
export function watchRules(
  context: ShadowContext,
  { terminal, clock }: ShadowCommandDeps,
  options: DaysOptions & { readonly uid?: string },
): void {
  const nowMs = clock.nowMs()
  const uid = readUid(options.uid)
  const watched = watchField(context, { fromMs: nowMs - options.days * dayMs, toMs: nowMs }, uid)
  if (options.json === true) writeJson(terminal, ShadowWatchShape, viewWatch(watched))
  else for (const line of watchLines(watched)) terminal.write(line)
  if (watched.isAlarm) {
    throw new AppError('FIELD_RULES_UNKNOWN', 'The public scores do not follow the known rules of their dates.')
  }
}
