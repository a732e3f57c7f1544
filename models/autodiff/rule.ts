import type { GraphNode, Value } from '#models/graph/graph'

/**
 * How the gradient passes one operator backwards. `gradients` are those of the node's outputs, undefined where nothing
 * depends on one. The result has one entry per input, undefined where the input gets none; `needs` says which inputs are
 * wanted, so that nothing is computed for nothing. The rule writes its nodes with the functions of graph/.
 */
export interface GradientRule {
  readonly operator: string
  gradient(
    node: GraphNode,
    gradients: readonly (Value | undefined)[],
    needs: (input: number) => boolean,
  ): readonly (Value | undefined)[]
}
