import type { Graph, Value } from './graph.ts'

/** How a parameter starts. Drawn from the seed and the parameter's name, so a new block does not move the others. */
export type Start =
  | { readonly kind: 'constant'; readonly value: number }
  /** Even over [-bound, bound]. */
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'normal'; readonly sd: number }

export interface ParameterFact {
  /** Unique in the model, from its place: `blocks.0.attention.query.weight`. */
  readonly name: string
  readonly shape: readonly number[]
  readonly start: Start
  /** Whether weight decay pulls it to zero: not for biases, norms and gates. */
  readonly decays: boolean
}

/** Random numbers of one training step, fed by the trainer, so that a resumed run draws the same ones. */
export interface NoiseFact {
  readonly name: string
  readonly shape: readonly number[]
  /** `keep`: 1 / share with probability `share`, else 0: a mask of dropout. */
  readonly kind: { readonly kind: 'normal' } | { readonly kind: 'keep'; readonly share: number }
}

/** A block as a recipe names it. The other keys are its settings. */
export interface BlockChoice {
  readonly use: string
  readonly [setting: string]: unknown
}

/** Where a block writes: the graph, its parameters under its own name, and whether the graph is for training. */
export interface Scope {
  readonly graph: Graph
  /** Dropout and noise exist in training only. */
  readonly isTraining: boolean
  parameter(name: string, shape: readonly number[], start: Start, options?: { readonly decays?: boolean }): Value
  /** Undefined when serving: the block then answers with the mean of what it does in training. */
  noise(name: string, shape: readonly number[], kind: NoiseFact['kind']): Value | undefined
  /** The blocks of a list, one after the other, for a block that holds others. The list is checked like `model.blocks`. */
  blocks(choices: readonly BlockChoice[], x: Value): Value
  /**
   * Leaves the scale of the window, [batch, 1], by which a block has divided it. The forecast's log-variance is for the
   * divided window: the scale is multiplied back behind the head. The first one counts.
   */
  rememberScale(scale: Value): void
  /** A part with a name of its own. */
  within<T>(name: string, write: (scope: Scope) => T): T
}
