import { hourMs } from '#core/base/time/units'
import type { RegimeBook } from '#core/synth/regimes/book'
import type { ThinningRule } from '#core/synth/regimes/regime'
import { resolvePromptRules } from '#core/synth/regimes/resolve'
import { type ScoreProblem, scoreProblems } from '../replay/prediction-score.ts'
import { type FieldKind, type FieldPrompt, type FieldStore, type FieldWindow, startMsOf } from './field.ts'
import { minerIdAt, type UidRegistrations } from './hands.ts'

/** A prompt that we answered, as the journal holds it, with what replay made of the answer. */
export interface ServedPrompt extends FieldKind {
  readonly id: string
  readonly startAtMs: number
  /** Null: not replayed yet, or with a problem. */
  readonly total: number | null
  readonly problem: ScoreProblem | null
}

/** `scored`: our uid has a score, or, while no uid is named, anybody has. */
export const servedOutcomes = ['scored', 'missed', 'withoutUs', 'leftOut', 'notOver', 'notFetched'] as const
type ServedOutcome = (typeof servedOutcomes)[number]

export interface ServedFate extends ServedPrompt {
  readonly outcome: ServedOutcome
  /** What is known of why it has no score. */
  readonly reason: string | undefined
  /** As published, for our uid. */
  readonly crps: number | undefined
  readonly promptScore: number | undefined
}

export interface ServedReport {
  /** Ascending by start, then asset. */
  readonly prompts: readonly ServedFate[]
  /** Scores of our uid for prompts of the period that the journal does not hold. Undefined without a uid. */
  readonly notInJournal: number | undefined
}

export interface ServedSources {
  readonly book: RegimeBook
  readonly store: Pick<FieldStore, 'read' | 'listWindows'>
  readonly registrations: UidRegistrations | undefined
}

/** Which of the prompts that we answered the validator has scored, by the start of the prompt. */
export function reportServed(
  sources: ServedSources,
  served: readonly ServedPrompt[],
  starts: FieldWindow,
  question: { readonly uid: number | undefined; readonly nowMs: number },
): ServedReport {
  let notInJournal = 0
  const prompts = byKind(served).flatMap(({ kind, own }) => {
    const lengthMs = kind.timeLengthSeconds * 1000
    const ends = { fromMs: starts.fromMs + lengthMs, toMs: starts.toMs + lengthMs }
    const field = new Map(sources.store.read(kind, ends).map((prompt) => [startMsOf(prompt), prompt]))
    // Several hotkeys have several answers to one prompt.
    const byStart = new Map(own.map((prompt) => [prompt.startAtMs, prompt]))
    for (const [startAtMs, { miners }] of field) {
      if (!byStart.has(startAtMs) && miners.some(({ uid, crps }) => uid === question.uid && crps !== -1))
        notInJournal += 1
    }
    const judge = { ...sources, ...question, field, windows: sources.store.listWindows(kind) }
    return [...byStart.values()].map((prompt) => ({ ...prompt, ...fateOf(prompt, judge) }))
  })
  return {
    prompts: prompts.sort((a, b) => a.startAtMs - b.startAtMs || (a.asset < b.asset ? -1 : 1)),
    notInJournal: question.uid === undefined ? undefined : notInJournal,
  }
}

function byKind(served: readonly ServedPrompt[]): { readonly kind: FieldKind; readonly own: ServedPrompt[] }[] {
  const kinds = new Map<string, { kind: FieldKind; own: ServedPrompt[] }>()
  for (const prompt of served) {
    const { asset, timeLengthSeconds } = prompt
    const name = `${asset} ${timeLengthSeconds}`
    const known = kinds.get(name)
    if (known === undefined) kinds.set(name, { kind: { asset, timeLengthSeconds }, own: [prompt] })
    else known.own.push(prompt)
  }
  return [...kinds.values()]
}

interface Judge extends ServedSources {
  readonly uid: number | undefined
  readonly nowMs: number
  readonly field: ReadonlyMap<number, FieldPrompt>
  readonly windows: readonly FieldWindow[]
}

type Fate = Omit<ServedFate, keyof ServedPrompt>

function fateOf(prompt: ServedPrompt, judge: Judge): Fate {
  const endAtMs = prompt.startAtMs + prompt.timeLengthSeconds * 1000
  const scored = judge.field.get(prompt.startAtMs)
  if (scored !== undefined) return fateAmongScored(prompt, scored, judge)
  const without = (outcome: ServedOutcome, reason?: string): Fate => {
    return { outcome, reason, crps: undefined, promptScore: undefined }
  }
  if (endAtMs > judge.nowMs) return without('notOver')
  if (!judge.windows.some(({ fromMs, toMs }) => endAtMs >= fromMs && endAtMs <= toMs)) return without('notFetched')
  return without('leftOut', whyLeftOut(prompt, judge))
}

function fateAmongScored(prompt: ServedPrompt, scored: FieldPrompt, { uid, registrations, nowMs }: Judge): Fate {
  const nothing = { reason: undefined, crps: undefined, promptScore: undefined }
  if (uid === undefined) return { ...nothing, outcome: 'scored' }
  const wasOthers = minerIdAt(registrations, uid, prompt.startAtMs) !== minerIdAt(registrations, uid, nowMs)
  const own = wasOthers ? undefined : scored.miners.find((miner) => miner.uid === uid)
  if (own === undefined) {
    const reason = wasOthers
      ? 'another miner had the uid then'
      : 'the validator lists other miners for it, but not this uid'
    return { ...nothing, outcome: 'withoutUs', reason }
  }
  const { crps, promptScore } = own
  if (crps !== -1) return { outcome: 'scored', reason: undefined, crps, promptScore }
  return { outcome: 'missed', reason: whyMissed(prompt), crps: undefined, promptScore }
}

function whyMissed({ total, problem }: ServedPrompt): string {
  if (total !== null) return 'replay gives it a score, so the validator did not get it whole or in time'
  if (problem !== null) return `replay has no score either: ${scoreProblems[problem]}`
  return 'not replayed yet; the validator had no usable answer'
}

/** Then nobody has a score. */
const nobodyScored: ReadonlySet<ScoreProblem> = new Set(['lastMissing', 'notSettled', 'notAsked', 'notScored'])

function whyLeftOut(prompt: ServedPrompt, { book, field }: Judge): string {
  const { startAtMs, problem } = prompt
  if (problem !== null && nobodyScored.has(problem)) return scoreProblems[problem]
  const thinning = thinningOf(book, prompt)
  if (thinning !== null) {
    const bucketMs = thinning.bucketSeconds * 1000
    const bucket = Math.floor(startAtMs / bucketMs)
    const isKept = [...field.keys()].some((otherMs) => Math.floor(otherMs / bucketMs) === bucket)
    if (isKept)
      return `another of the asset's prompts in these ${thinning.bucketSeconds / 60} minutes was scored instead`
  }
  return 'nobody has a score for it; why is not public'
}

function thinningOf(book: RegimeBook, { asset, timeLengthSeconds, startAtMs }: ServedPrompt): ThinningRule | null {
  // By the hour, so that a month of prompts asks for few decisions.
  const answerAtMs = Math.floor(startAtMs / hourMs) * hourMs
  const profile = resolvePromptRules(book, { answerAtMs }).promptProfiles.find(
    (one) => one.timeLengthSeconds === timeLengthSeconds && one.assets.includes(asset),
  )
  return profile?.thinning ?? null
}
