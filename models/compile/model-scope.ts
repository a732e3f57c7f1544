import type { Graph, Value } from '#models/graph/graph'
import type { BlockChoice, NoiseFact, ParameterFact, Scope, Start } from '#models/graph/scope'

/** What a graph is written for, and where its parameters come from. */
export interface ScopeOutside {
  readonly graph: Graph
  readonly isTraining: boolean
  /** The value of a parameter, named by its place. */
  parameter(fact: ParameterFact): Value
  /** Undefined: this graph has no noise. */
  noise(fact: NoiseFact): Value | undefined
  blocks(scope: ModelScope, choices: readonly BlockChoice[], x: Value): Value
  rememberScale(scale: Value): void
}

/** Names what is written by its place in the model: `blocks.0.query.weight`. */
export class ModelScope implements Scope {
  readonly graph: Graph
  readonly isTraining: boolean
  readonly #outside: ScopeOutside
  readonly #prefix: string

  constructor(outside: ScopeOutside, prefix = '') {
    this.graph = outside.graph
    this.isTraining = outside.isTraining
    this.#outside = outside
    this.#prefix = prefix
  }

  parameter(name: string, shape: readonly number[], start: Start, options: { readonly decays?: boolean } = {}): Value {
    return this.#outside.parameter({ name: this.#prefix + name, shape, start, decays: options.decays ?? true })
  }

  noise(name: string, shape: readonly number[], kind: NoiseFact['kind']): Value | undefined {
    return this.#outside.noise({ name: this.#prefix + name, shape, kind })
  }

  blocks(choices: readonly BlockChoice[], x: Value): Value {
    return this.#outside.blocks(this, choices, x)
  }

  /** The place in the model: `blocks.0`. */
  get path(): string {
    return this.#prefix.replace(/[.]$/, '')
  }

  rememberScale(scale: Value): void {
    this.#outside.rememberScale(scale)
  }

  /** `place` is what messages say; the name by default. */
  within<T>(name: string, write: (scope: ModelScope) => T, place = name): T {
    return this.graph.within(place, () => write(new ModelScope(this.#outside, `${this.#prefix}${name}.`)))
  }
}
