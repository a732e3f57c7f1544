import type { z } from 'zod'
import type { Value } from '#models/graph/graph'
import type { BlockChoice, Scope } from '#models/graph/scope'
import type { Process } from '#models/process/process'

/**
 * What a file in blocks/, heads/, losses/ or features/ exports by default. The file's name is the component's name with
 * dashes where a recipe writes none or an underscore; dropping the file into its folder is all that it takes.
 */
export interface ComponentFacts<Settings extends z.ZodType> {
  /** As recipes write it: small letters, digits, underscores. */
  readonly name: string
  /** One sentence for `tuner models list`. */
  readonly description: string
  /** A strict object: an unknown key in a recipe is an error. Each setting has a description, and a default where one fits. */
  readonly settings: Settings
}

/** [batch, length, width] in, the same out, except where the facts say otherwise. */
export interface BlockDefinition<Settings extends z.ZodType = z.ZodType> extends ComponentFacts<Settings> {
  readonly kind: 'block'
  readonly keepsLength: boolean
  readonly keepsWidth: boolean
  /** The shortest sequence that it can take. */
  readonly leastLength: number
  /** The lists of blocks inside the settings, by their path there, for the check of a recipe. Undefined: it holds none. */
  inner?(settings: z.output<Settings>): readonly { readonly path: string; readonly blocks: readonly BlockChoice[] }[]
  build(scope: Scope, x: Value, settings: z.output<Settings>): Value
}

export interface HeadInput {
  /** [batch, length, width] after the last block. */
  readonly sequence: Value
  /** [batch, width]. */
  readonly pooled: Value
  /** [batch, steps, features]: what is known of each forecast step in advance. Undefined without `ahead` features. */
  readonly ahead: Value | undefined
  /** [batch, steps]: the log-variance of each step by the calibrated model. Undefined unless the recipe asks for it. */
  readonly baseline: Value | undefined
  readonly steps: number
  readonly stepSeconds: number
}

export interface HeadDefinition<Settings extends z.ZodType = z.ZodType> extends ComponentFacts<Settings> {
  readonly kind: 'head'
  /** Whether the head cannot work without the calibrated forecast. */
  readonly needsBaseline: boolean
  build(scope: Scope, input: HeadInput, settings: z.output<Settings>): Process
}

export interface LossTarget {
  /** [batch, steps]: log-returns that came true; 0 where unknown. */
  readonly logReturns: Value
  /** [batch, steps]: 1 where the log-return is known, else 0. */
  readonly known: Value
  readonly stepSeconds: number
  readonly horizon: 'low' | 'high'
}

export interface LossDefinition<Settings extends z.ZodType = z.ZodType> extends ComponentFacts<Settings> {
  readonly kind: 'loss'
  /** It describes a forecast and cannot train one: a recipe may not name it as its loss. */
  readonly isMetric?: boolean
  /** Evaluation says it beside the loss of the recipe, with its usual settings. It takes any process and draws nothing. */
  readonly isReported?: boolean
  /** How many terms of one window it adds up. Undefined: it is a mean, one term. */
  termCount?(target: Omit<LossTarget, 'logReturns' | 'known'> & { readonly steps: number }): number
  /**
   * A scalar: the mean over the batch. The scope gives noise for losses that draw paths. Throws FitError for a process that
   * it cannot score.
   */
  build(scope: Scope, process: Process, target: LossTarget, settings: z.output<Settings>): Value
}

/** A loss that cannot score what the head says; the sentence names what to change in the recipe. */
export class FitError extends Error {
  constructor(sentence: string) {
    super(sentence)
    this.name = 'FitError'
  }
}

export type Component = BlockDefinition | HeadDefinition | LossDefinition

export function defineBlock<Settings extends z.ZodType>(
  block: Omit<BlockDefinition<Settings>, 'kind'>,
): BlockDefinition<Settings> {
  return { kind: 'block', ...block }
}

export function defineHead<Settings extends z.ZodType>(
  head: Omit<HeadDefinition<Settings>, 'kind'>,
): HeadDefinition<Settings> {
  return { kind: 'head', ...head }
}

export function defineLoss<Settings extends z.ZodType>(
  loss: Omit<LossDefinition<Settings>, 'kind'>,
): LossDefinition<Settings> {
  return { kind: 'loss', ...loss }
}
