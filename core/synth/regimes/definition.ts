import type {
  AccessDefaults,
  AssetCoefficients,
  ClipRule,
  Competition,
  EffectiveFrom,
  EffectiveInstant,
  ExternalCompetition,
  PriceSource,
  PromptProfile,
  RegimeRules,
  RegimeSource,
  RuleGap,
} from './regime.ts'

/**
 * The rules in written form. Lists of named members are maps by that name, so that a change lists only what it changes.
 */
export interface RulesForm
  extends Omit<RegimeRules, 'competitions' | 'promptProfiles' | 'external' | 'priceSources' | 'assetCoefficients'> {
  readonly competitions: Readonly<Record<string, Omit<Competition, 'key'>>>
  readonly promptProfiles: Readonly<Record<string, Omit<PromptProfile, 'label'>>>
  readonly external: Readonly<Record<string, Omit<ExternalCompetition, 'key'>>>
  readonly priceSources: Readonly<Record<string, PriceSource>>
  readonly assetCoefficients: AssetCoefficients
  readonly access: AccessDefaults
}

/** In a map, the value of a member that is removed. */
export const removed = 'remove'
export type Removed = typeof removed

/** Replaced as a whole: half of an old value and half of a new one would mean nothing. */
type Atomic = ClipRule | EffectiveInstant | readonly unknown[]

export type Patch<T> = T extends Atomic
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Patch<T[K]> | (string extends keyof T ? Removed : never) }
    : T

export type RulesPatch = Patch<RulesForm>

export interface RegimeHeader {
  readonly aliases?: readonly string[]
  readonly summary?: string
  readonly source?: RegimeSource
  readonly effective?: EffectiveFrom
  readonly gaps?: readonly RuleGap[]
  /** Paths of inherited gaps that end here. A gap also ends when its own path is set. */
  readonly settles?: readonly string[]
}

/** The first regime: all rules. */
export interface RootDefinition extends RegimeHeader, RulesForm {
  readonly id: string
  readonly extends?: never
}

/** Every other regime: only the differences from the one it extends. */
export interface ExtendingDefinition extends RegimeHeader, RulesPatch {
  readonly id: string
  readonly extends: string
}

export type RegimeDefinition = RootDefinition | ExtendingDefinition
