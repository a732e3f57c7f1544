import { writeJson } from '#core/base/cli/write-json'
import { AppError, UsageError } from '#core/base/errors/app-error'
import { counted } from '#core/base/text/counted'
import { textTable } from '#core/base/text/text-table'
import { dayMs, hourSeconds, minuteMs } from '#core/base/time/units'
import { givingUpScores, notAskedAgain } from '#core/tuning/replay/give-up'
import { countPieces, fetchField } from '#core/tuning/shadow/fetch-field'
import { fieldKindsAt } from '#core/tuning/shadow/field-kinds'
import { settlingMs } from '#core/tuning/shadow/read-report'
import { ShadowFetchShape, viewFetched } from '#core/tuning/views/shadow-view'
import type { DaysOptions, ShadowCommandDeps, ShadowContext } from './context.ts'

/** The open tier answers about two questions a second, and eleven days of all prompts are some two hundred. */
const longestFetchMs = 15 * minuteMs

/** A prompt of a day that is scored at the beginning started a day before. */
const registrationsBeforeMs = dayMs

/** `tuner shadow fetch`. */
export async function fetchShadow(
  { book, api, store, saveRegistrations }: ShadowContext,
  { terminal, progress, clock }: ShadowCommandDeps,
  options: DaysOptions & { readonly asset?: readonly string[] },
): Promise<void> {
  const nowMs = clock.nowMs()
  const window = { fromMs: nowMs - options.days * dayMs, toMs: nowMs - settlingMs }
  const kinds = fieldKindsAt(book, nowMs).filter(({ asset }) => options.asset?.includes(asset) ?? true)
  if (kinds.length === 0) {
    throw new UsageError('ASSET_UNKNOWN', `There are no prompts of ${options.asset?.join(', ') ?? 'anything'} today.`, {
      hint: `The assets of today are ${[...new Set(fieldKindsAt(book, nowMs).map(({ asset }) => asset))].join(', ')}.`,
    })
  }
  const total = kinds.reduce((sum, kind) => sum + countPieces({ store }, kind, window), 0)
  let done = 0
  const onPiece = () => {
    progress.update('public scores', done, total)
    done += 1
  }
  const late = new AbortController()
  const fetched = new AbortController()
  clock.sleep(longestFetchMs, fetched.signal).then(
    () => late.abort(new Error(`not asked within ${longestFetchMs / minuteMs} minutes`)),
    () => {},
  )
  const patient = givingUpScores(api)
  const outcomes = []
  try {
    for (const kind of kinds) {
      outcomes.push(await fetchField({ api: patient, store }, kind, window, { signal: late.signal, onPiece }))
    }
    if (outcomes.every(({ failed }) => failed.length === 0)) {
      // Who came during the windows. Without the list, the hand-overs that the stored metagraphs show are known.
      const since = { fromMs: window.fromMs - registrationsBeforeMs, toMs: nowMs }
      const answer = await api.fetchRegistrations(since, late.signal)
      if (answer.ok) {
        saveRegistrations(
          answer.rows.map(({ minerUid, hotkey, createdAtMs }) => ({
            uid: minerUid,
            hotkey,
            registeredAtMs: createdAtMs,
          })),
        )
      } else terminal.warn(`The public list of registrations could not be fetched: ${answer.message}.`)
    }
  } finally {
    fetched.abort()
    progress.stop()
  }
  if (options.json === true) writeJson(terminal, ShadowFetchShape, viewFetched(outcomes))
  else {
    const rows = outcomes.map(({ kind, fetchedPrompts, refusedRows, failed }) => [
      `${kind.asset} ${kind.timeLengthSeconds / hourSeconds}h`,
      String(fetchedPrompts),
      String(refusedRows),
      failed[0] === undefined ? '' : shortReason(failed[0].reason),
    ])
    for (const line of textTable(['', 'prompts', 'unreadable rows', 'failed'], rows)) terminal.write(line)
  }
  const failures = outcomes.flatMap(({ failed }) => failed)
  if (failures.length > 0) {
    throw new AppError(
      'FIELD_FETCH_FAILED',
      `The public scores of ${counted(failures.length, 'stretch', 'stretches')} could not be fetched: ${failures[0]!.reason}.`,
    )
  }
}

/** Without the address, which is the same for all. */
function shortReason(reason: string): string {
  return reason
    .replace(/^\S+: /, '')
    .replace(notAskedAgain, '')
    .slice(0, 40)
}
