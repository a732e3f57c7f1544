import { nearestName } from '#core/base/text/nearest-name'
import type { Component } from './component.ts'

export type ComponentOf<Kind extends Component['kind']> = Extract<Component, { readonly kind: Kind }>

export type Found<Kind extends Component['kind']> =
  | { readonly ok: true; readonly component: ComponentOf<Kind> }
  /** With the nearest name, if one is near. */
  | { readonly ok: false; readonly sentence: string }

/** The components of one kind, by name. */
export class ComponentTable<Kind extends Component['kind']> {
  readonly #kind: Kind
  readonly #byName: ReadonlyMap<string, ComponentOf<Kind>>

  constructor(kind: Kind, components: readonly Component[]) {
    this.#kind = kind
    const own = components.filter((component): component is ComponentOf<Kind> => component.kind === kind)
    const sorted = own.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    this.#byName = new Map(sorted.map((component) => [component.name, component]))
  }

  get(name: string): Found<Kind> {
    const component = this.#byName.get(name)
    if (component !== undefined) return { ok: true, component }
    const names = [...this.#byName.keys()]
    const close = nearestName(name, names)
    const help = close === undefined ? `Known: ${names.join(', ') || 'none'}.` : `Did you mean ${close}?`
    return { ok: false, sentence: `There is no ${this.#kind} ${name}. ${help}` }
  }

  /** By name, in alphabetical order. */
  list(filter: (component: ComponentOf<Kind>) => boolean = () => true): readonly ComponentOf<Kind>[] {
    return [...this.#byName.values()].filter(filter)
  }
}
