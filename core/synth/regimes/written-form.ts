import type { RulesForm } from './definition.ts'
import type { Regime, RegimeRules } from './regime.ts'

/** The rules of a regime in the form of a file: an operator can copy and change it. */
export function writtenFormOf(regime: Regime): RulesForm {
  const { id, aliases, origin, extends: parent, summary, source, effective, gaps, ...rules } = regime
  return toForm(rules)
}

function toForm(rules: RegimeRules): RulesForm {
  return {
    ...rules,
    competitions: byName(rules.competitions, 'key'),
    promptProfiles: byName(rules.promptProfiles, 'label'),
    external: byName(rules.external, 'key'),
  }
}

function byName<Name extends string, Member extends Readonly<Record<Name, string>>>(
  members: readonly Member[],
  name: Name,
): Record<string, Omit<Member, Name>> {
  return Object.fromEntries(members.map(({ [name]: own, ...rest }) => [own, rest]))
}
