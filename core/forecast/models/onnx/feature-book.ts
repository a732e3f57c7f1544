import { z } from 'zod'
import { nearestName } from '#core/base/text/nearest-name'
import { type BoundFeature, type FeatureDefinition, normalisation, type TimeFeature } from './feature.ts'

export type FoundFeature =
  | {
      readonly ok: true
      readonly definition: FeatureDefinition
      /** Its settings and those of the normalisation. */
      readonly schema: z.ZodObject
    }
  /** With the nearest name, if one is near. */
  | { readonly ok: false; readonly sentence: string }

/** The features that manifests and recipes may ask for, by name. */
export class FeatureBook {
  readonly #features: ReadonlyMap<string, Extract<FoundFeature, { ok: true }>>
  /** A feature of an input `past`. */
  readonly past = z.looseObject({ kind: z.string() }).transform((wanted, context) => this.#bind(wanted, context))
  /** A feature of an input `ahead`. */
  readonly ahead = z.looseObject({ kind: z.string() }).transform((wanted, context) => {
    const bound = this.#bind(wanted, context)
    if (isOfTime(bound)) return bound
    return refuse(context, ['kind'], aheadOnly(wanted.kind))
  })

  constructor(definitions: readonly FeatureDefinition[]) {
    const names = definitions.map(({ name }) => name)
    const repeated = names.find((name, i) => names.indexOf(name) !== i)
    if (repeated !== undefined) throw new Error(`two features have the name ${repeated}`)
    this.#features = new Map(
      definitions
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map((definition) => {
          const { name, settings } = definition
          const schema = settings.extend({ kind: z.literal(name), ...normalisation })
          return [name, { ok: true, definition, schema }]
        }),
    )
  }

  /** In the order of their names. */
  list(): readonly FeatureDefinition[] {
    return [...this.#features.values()].map(({ definition }) => definition)
  }

  find(name: string): FoundFeature {
    const found = this.#features.get(name)
    if (found !== undefined) return found
    const nearest = nearestName(name, [...this.#features.keys()])
    const help = nearest === undefined ? '' : ` Did you mean ${nearest}?`
    return { ok: false, sentence: `There is no feature ${name}.${help}` }
  }

  #bind(wanted: { kind: string }, context: z.RefinementCtx): BoundFeature {
    const found = this.find(wanted.kind)
    if (!found.ok) return refuse(context, ['kind'], found.sentence)
    const parsed = found.schema.safeParse(wanted)
    if (!parsed.success) {
      for (const { path, message } of parsed.error.issues) refuse(context, path, message)
      return z.NEVER
    }
    const { kind: _, mean, sd, clip, ...settings } = parsed.data
    return {
      kind: wanted.kind,
      definition: found.definition,
      settings,
      mean: mean as number,
      sd: sd as number,
      clip: clip as number | undefined,
    }
  }
}

/** Why a feature of the market cannot be of an input `ahead`. */
export function aheadOnly(name: string): string {
  return `${name} is not known in advance, only features of time are`
}

function isOfTime(feature: BoundFeature | undefined): feature is BoundFeature<TimeFeature> {
  // Undefined is one that was refused already.
  return feature?.definition.source !== 'market'
}

function refuse(context: z.RefinementCtx, path: PropertyKey[], message: string): never {
  context.addIssue({ code: 'custom', path, message })
  return z.NEVER
}
