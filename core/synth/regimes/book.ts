import { ConfigError } from '#core/base/errors/app-error'
import type { RegimeDefinition } from './definition.ts'
import { Drafts, type Entry, parentsFirst, unknownRegime } from './drafts.ts'
import { type InstantBounds, instantBounds } from './instant.ts'
import { isTree } from './merge.ts'
import { type ReadDefinition, readDefinition } from './read-definition.ts'
import type { EffectiveFrom, Regime, RegimeStep } from './regime.ts'

export interface RegimeSwitch extends InstantBounds {
  readonly regime: Regime
}

export interface RegimeBook {
  /** In the order of definition: each after the one it extends, the operator's last. */
  readonly regimes: readonly Regime[]
  /** By id and by alias. */
  readonly byName: ReadonlyMap<string, Regime>
  /** For each step the regimes that decide it, by the time from which they do. */
  readonly timelines: Readonly<Record<RegimeStep, readonly RegimeSwitch[]>>
}

export interface OperatorRegimes {
  readonly fileName: string
  /** The parsed file: a list of regimes, or an object with that list under "regimes". */
  readonly content: unknown
}

export const regimeSteps: readonly RegimeStep[] = ['prompt', 'answer', 'score', 'average']
export const effectiveField = {
  prompt: 'promptFrom',
  answer: 'answerFrom',
  score: 'scoreFrom',
  average: 'averageFrom',
} as const satisfies Record<RegimeStep, keyof EffectiveFrom>

/** Pure: the built-in regimes and the operator's, checked. All problems of the file are reported together. */
export function buildRegimeBook(builtIn: readonly RegimeDefinition[], operator?: OperatorRegimes): RegimeBook {
  const entries = operator === undefined ? [] : operatorEntries(operator)
  const amendments = new Map<string, ReadDefinition[]>()
  const additions: Entry[] = []
  const problems: string[] = []
  const unreadable: string[] = []
  for (const entry of entries) {
    const read = readDefinition(entry.written)
    if (!read.ok) {
      unreadable.push(entry.name)
      problems.push(...read.problems.map((problem) => `${entry.where}: ${problem}`))
    } else if (read.value.header.amends === undefined) additions.push({ where: entry.where, definition: read.value })
    else problems.push(...collectAmendment(entry.where, read.value, builtIn, amendments))
  }

  const drafts = new Drafts(problems, unreadable)
  for (const written of builtIn) {
    const read = readDefinition(written)
    const where = `built-in regime ${written.id}`
    if (!read.ok) problems.push(...read.problems.map((problem) => `${where}: ${problem}`))
    else drafts.add({ where, definition: read.value }, 'builtIn', amendments.get(written.id))
  }
  for (const addition of parentsFirst(additions)) drafts.add(addition, 'operator')
  const regimes = drafts.regimes()
  const byName = indexByName(regimes, operator?.fileName ?? 'built-in regimes', problems)
  if (problems.length > 0) {
    throw new ConfigError('REGIME_INVALID', problems.join('\n'), { details: { problems: problems.length } })
  }
  return { regimes, byName, timelines: buildTimelines(regimes) }
}

function operatorEntries({ fileName, content }: OperatorRegimes): { where: string; name: string; written: unknown }[] {
  const list = isTree(content) && Object.keys(content).join() === 'regimes' ? content['regimes'] : content
  if (list === undefined || list === null) return []
  if (!Array.isArray(list)) {
    throw new ConfigError('REGIME_INVALID', `${fileName}: the file must hold a list of regimes, each with an id.`)
  }
  return list.map((written: unknown, index) => {
    const stated = isTree(written) ? (written['id'] ?? written['amends']) : undefined
    const name = typeof stated === 'string' ? stated : `regime ${index + 1}`
    return { where: `${fileName}: ${name}`, name, written }
  })
}

function collectAmendment(
  where: string,
  amendment: ReadDefinition,
  builtIn: readonly RegimeDefinition[],
  amendments: Map<string, ReadDefinition[]>,
): string[] {
  const { amends, id, extends: parent } = amendment.header
  const known = builtIn.map((definition) => definition.id)
  if (id !== undefined || parent !== undefined) return [`${where}: "amends" cannot be combined with "id" or "extends".`]
  if (amends === undefined || !known.includes(amends)) return [`${where}: ${unknownRegime(amends ?? '', known)}`]
  amendments.set(amends, [...(amendments.get(amends) ?? []), amendment])
  return []
}

function indexByName(regimes: readonly Regime[], where: string, problems: string[]): Map<string, Regime> {
  const byName = new Map(regimes.map((regime) => [regime.id, regime]))
  for (const regime of regimes) {
    for (const alias of regime.aliases) {
      const owner = byName.get(alias)
      if (owner === undefined) byName.set(alias, regime)
      else problems.push(`${where}: ${regime.id} and ${owner.id} both have the name ${alias}.`)
    }
  }
  return byName
}

function buildTimelines(regimes: readonly Regime[]): RegimeBook['timelines'] {
  const timelineOf = (step: RegimeStep): RegimeSwitch[] =>
    regimes
      .flatMap((regime) => {
        const instant = regime.effective[effectiveField[step]]
        return instant === undefined ? [] : [{ regime, ...instantBounds(instant) }]
      })
      .sort((a, b) => a.atMs - b.atMs)
  return {
    prompt: timelineOf('prompt'),
    answer: timelineOf('answer'),
    score: timelineOf('score'),
    average: timelineOf('average'),
  }
}
