import { type FieldWindow, startMsOf } from './field.ts'
import { fieldKindsAt } from './field-kinds.ts'
import { nothingStored, type ShadowSources } from './read-report.ts'
import { knownPromptScoreRules } from './recognise.ts'
import { createRuleLookup } from './report.ts'
import { type OwnScorePair, type OwnWatch, type RuleWatch, watchOwnScores, watchRules } from './rule-watch.ts'

/** What the stored public scores of a period say about the rules, and about our own scores. */
export interface FieldWatch {
  readonly rules: RuleWatch
  /** Undefined if no uid of ours was named. */
  readonly own: OwnWatch | undefined
  /** Something does not follow the known rules of its date. */
  readonly isAlarm: boolean
}

export function watchField(
  sources: Pick<ShadowSources, 'book' | 'store' | 'readScores'>,
  window: FieldWindow,
  uid: number | undefined,
): FieldWatch {
  const { book, store } = sources
  const prompts = fieldKindsAt(book, window.toMs).flatMap((kind) => store.read(kind, window))
  if (prompts.length === 0) throw nothingStored()
  const rules = watchRules(prompts, knownPromptScoreRules(book), createRuleLookup(book))
  const own = uid === undefined ? undefined : watchOwnScores(pairScores(sources, window, uid))
  const isAlarm = rules.unexplained.length > 0 || rules.otherRule.length > 0 || (own?.different.length ?? 0) > 0
  return { rules, own, isAlarm }
}

/** Our published scores next to those of our replay; misses have nothing to compare. */
function pairScores(
  { book, store, readScores }: Pick<ShadowSources, 'book' | 'store' | 'readScores'>,
  window: FieldWindow,
  uid: number,
): OwnScorePair[] {
  return fieldKindsAt(book, window.toMs).flatMap((kind) => {
    const asked = { fromMs: window.fromMs - kind.timeLengthSeconds * 1000, toMs: window.toMs }
    const own = new Map(readScores(kind, asked, 'served').map(({ startAtMs, total }) => [startAtMs, total] as const))
    return store.read(kind, window).flatMap((prompt) => {
      const published = prompt.miners.find((miner) => miner.uid === uid)?.crps
      const replayed = own.get(startMsOf(prompt))
      return published === undefined || published === -1 || replayed === undefined || replayed === null
        ? []
        : [{ prompt, published, replayed }]
    })
  })
}
