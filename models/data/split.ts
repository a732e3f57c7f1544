import { counted } from '#core/base/text/counted'
import { dayMs, minuteMs } from '#core/base/time/units'
import type { Problem } from '#models/compile/recipe'
import type { SplitConfig } from '#models/compile/split-config'
import { type DataWindow, type WindowShape, windowsBetween } from './windows.ts'

export interface Fold {
  readonly train: readonly DataWindow[]
  readonly validation: readonly DataWindow[]
}

export interface Split {
  /** One, or those of a walk forward in order of time. */
  readonly folds: readonly Fold[]
  /** The end of the data. Nothing that is chosen may depend on it. */
  readonly test: readonly DataWindow[]
  readonly embargoMs: number
}

export type SplitAnswer =
  | { readonly ok: true; readonly split: Split }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Divides windows in order of time. An input of a later part never touches a truth of an earlier one. */
export function splitWindows(windows: readonly DataWindow[], shape: WindowShape, config: SplitConfig): SplitAnswer {
  const leastMinutes = leastEmbargoMinutes(shape)
  const embargoMinutes = config.embargoMinutes ?? leastMinutes
  if (embargoMinutes < leastMinutes) {
    const sentence = `${embargoMinutes} minutes are less than input and forecast together; the least is ${leastMinutes}`
    return { ok: false, problems: [{ path: 'split.embargoMinutes', sentence }] }
  }
  const embargoMs = embargoMinutes * minuteMs
  const testFromMs = config.test === 0 ? Number.POSITIVE_INFINITY : startAt(windows, 1 - config.test)
  const test = windowsBetween(windows, testFromMs, Number.POSITIVE_INFINITY)
  const lastMs = windows.at(-1)?.startAtMs ?? 0
  const endMs = Math.min(testFromMs - embargoMs, lastMs + 1)
  const folds =
    config.use !== 'walkForward'
      ? [foldAt(startAt(windows, 1 - config.test - config.validation), endMs)]
      : Array.from({ length: config.folds }, (_, k) => {
          const lengthMs = config.validationDays * dayMs
          const toMs = endMs - (config.folds - 1 - k) * lengthMs
          return foldAt(toMs - lengthMs, toMs, config.trainDays)
        })
  const problems = folds.flatMap((fold, k) =>
    (['train', 'validation'] as const).flatMap((part): Problem[] => {
      if (fold[part].length > 0) return []
      if (part === 'validation' && config.use !== 'walkForward' && config.validation === 0) return []
      const name = folds.length === 1 ? part : `${part} of fold ${k + 1}`
      const sentence = `${name} has no window: there are ${counted(windows.length, 'window')}, and ${embargoMinutes} minutes are left out between two parts`
      return [{ path: 'split', sentence }]
    }),
  )
  return problems.length > 0 ? { ok: false, problems } : { ok: true, split: { folds, test, embargoMs } }

  function foldAt(validationFromMs: number, toMs: number, trainDays?: number): Fold {
    const trainToMs = validationFromMs - embargoMs + 1
    const trainFromMs = trainDays === undefined ? Number.NEGATIVE_INFINITY : trainToMs - trainDays * dayMs
    return {
      train: windowsBetween(windows, trainFromMs, trainToMs),
      validation: windowsBetween(windows, validationFromMs, toMs),
    }
  }
}

/** Then the truth of the last start ends before the inputs of the next part begin; a minute for the last close. */
export function leastEmbargoMinutes({ inputMinutes, stepSeconds, steps }: WindowShape): number {
  return inputMinutes + 1 + Math.ceil((stepSeconds * steps) / 60)
}

/** The first start that is not in this share of the windows. */
function startAt(windows: readonly DataWindow[], share: number): number {
  const lastMs = windows.at(-1)?.startAtMs ?? 0
  return windows[Math.max(0, Math.round(share * windows.length))]?.startAtMs ?? lastMs + 1
}
