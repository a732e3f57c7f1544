import { deepFreeze } from '#core/base/json/deep-freeze'
import { nearestName } from '#core/base/text/nearest-name'
import { findContradictions } from './check.ts'
import type { RegimeHeader, RulesForm } from './definition.ts'
import { hasPath, mergeRules, without } from './merge.ts'
import { describeIssues, type ReadDefinition } from './read-definition.ts'
import type { EffectiveFrom, Regime, RegimeRules, RegimeSource, RuleGap } from './regime.ts'
import { rulesForm } from './schema.ts'

interface Draft {
  readonly regime: Omit<Regime, keyof RegimeRules>
  readonly form: RulesForm
}

export interface Entry {
  /** File and name, for messages. */
  readonly where: string
  readonly definition: ReadDefinition
}

/** In a file the order is free; here a regime comes after the one it extends. */
export function parentsFirst(entries: readonly Entry[]): Entry[] {
  const pending = [...entries]
  const ordered: Entry[] = []
  while (pending.length > 0) {
    const isReady = ({ definition }: Entry): boolean =>
      !pending.some(
        (other) => other.definition !== definition && other.definition.header.id === definition.header.extends,
      )
    // Regimes that extend each other in a ring keep the file's order and are refused one by one.
    const index = Math.max(0, pending.findIndex(isReady))
    ordered.push(...pending.splice(index, 1))
  }
  return ordered
}

/** Turns definitions into regimes one by one, each on top of the one it extends. */
export class Drafts {
  readonly #drafts = new Map<string, Draft>()
  /** Regimes that extend a regime with problems are skipped: their own problems would only repeat the first ones. */
  readonly #failed: Set<string>
  readonly #problems: string[]

  constructor(problems: string[], unreadable: readonly string[]) {
    this.#problems = problems
    this.#failed = new Set(unreadable)
  }

  regimes(): Regime[] {
    return [...this.#drafts.values()].map(({ regime, form }) => deepFreeze({ ...regime, ...toRules(form) }))
  }

  add(entry: Entry, origin: 'builtIn' | 'operator', amendments: readonly ReadDefinition[] = []): void {
    const { id, extends: parentId } = entry.definition.header
    const found: string[] = []
    const parent = parentId === undefined ? undefined : this.#drafts.get(parentId)
    if (id === undefined) found.push('"id" is missing.')
    else if (this.#drafts.has(id)) found.push(`${id} is taken; write "amends: ${id}" to correct it.`)
    if (parentId === undefined) {
      if (origin === 'operator') found.push('"extends" is missing: name the regime that this one differs from.')
    } else if (parent === undefined) {
      if (this.#failed.has(parentId)) {
        this.#fail(id)
        return
      }
      found.push(`extends: ${unknownRegime(parentId, [...this.#drafts.keys()])}`)
    }
    if (id !== undefined && found.length === 0) {
      const draft = draftOf(
        id,
        amendments.length > 0 ? 'amended' : origin,
        parent,
        [entry.definition, ...amendments],
        found,
      )
      if (draft !== undefined && found.length === 0) this.#drafts.set(id, draft)
    }
    if (found.length > 0) this.#fail(id)
    this.#problems.push(...found.map((problem) => `${entry.where}: ${problem}`))
  }

  #fail(id: string | undefined): void {
    if (id !== undefined) this.#failed.add(id)
  }
}

function draftOf(
  id: string,
  origin: Regime['origin'],
  parent: Draft | undefined,
  layers: readonly ReadDefinition[],
  problems: string[],
): Draft | undefined {
  let form: unknown = parent?.form
  let gaps: readonly RuleGap[] = (parent?.regime.gaps ?? []).filter((gap) => gap.path !== 'effective')
  let effective: EffectiveFrom = {}
  let header: RegimeHeader = {}
  for (const { header: own, change, removedPaths } of layers) {
    for (const path of removedPaths) {
      if (!hasPath(form, path)) problems.push(`${path.join('.')}: there is nothing to remove.`)
      form = without(form, path)
    }
    form = mergeRules(form, change)
    const settles = own.settles ?? []
    gaps = gaps.filter(({ path }) => !settles.includes(path) && !hasPath(change, path.split('.')))
    gaps = [...gaps, ...(own.gaps ?? [])]
    effective = { ...effective, ...own.effective }
    header = { ...header, ...own }
  }
  const parsed = rulesForm.safeParse(form)
  if (!parsed.success) problems.push(...describeIssues(parsed.error, rulesForm))
  if (!parsed.success || problems.length > 0) return undefined
  const rules = toRules(parsed.data)
  problems.push(...findContradictions(rules))
  const source: RegimeSource = header.source ?? { repository: '', evidence: 'stated by the operator', commits: [] }
  return {
    regime: {
      id,
      aliases: header.aliases ?? [],
      origin,
      extends: parent?.regime.id ?? null,
      summary: header.summary ?? 'stated by the operator',
      source,
      effective,
      gaps,
    },
    form: parsed.data,
  }
}

/** From the written form to the form that code reads: maps of named members become lists in the same order. */
function toRules(form: RulesForm): RegimeRules {
  return {
    ...form,
    competitions: Object.entries(form.competitions).map(([key, competition]) => ({ key, ...competition })),
    promptProfiles: Object.entries(form.promptProfiles).map(([label, profile]) => ({ label, ...profile })),
    external: Object.entries(form.external).map(([key, competition]) => ({ key, ...competition })),
  }
}

export function unknownRegime(id: string, known: readonly string[]): string {
  const near = nearestName(id, known)
  return `${id} is not a known regime.${near === undefined ? '' : ` Did you mean ${near}?`} Known: ${known.join(', ')}.`
}
