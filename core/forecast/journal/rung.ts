import { fallbackModels } from '../models/model-names.ts'

/** The ladder that a prompt walks down until something answers in time; the journal keeps which one did. */
export const rungs = ['champion', 'previousChampion', ...fallbackModels] as const

export type Rung = (typeof rungs)[number]

/** How the time of one answer was spent. */
export const stages = ['wait', 'price', 'forecast', 'sample', 'write', 'check', 'record'] as const

export type Stage = (typeof stages)[number]
export type StageMs = Readonly<Partial<Record<Stage, number>>>
