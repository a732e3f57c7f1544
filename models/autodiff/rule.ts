import type { GraphNode, Value } from '#models/graph/graph'

/**
 * How the gradient passes one operator backwards. `gradients` are those of the node's outputs, undefined where nothing
 * depends on one. The result has one entry for each value that the node reads (`readsOf`), undefined where that gets none;
 * `needs` says which are wanted, so that nothing is computed for nothing. The rule writes its nodes with the functions of
 * graph/.
 */
export interface GradientRule {
  readonly operator: string
  gradient(
    node: GraphNode,
    gradients: readonly (Value | undefined)[],
    needs: (read: number) => boolean,
  ): readonly (Value | undefined)[]
}

/** The rule of an operator with one input and one output that matters. */
export function unaryRule(operator: string, gradient: (up: Value, x: Value, y: Value) => Value): GradientRule {
  return { operator, gradient: ({ inputs, outputs }, [up]) => [gradient(up!, inputs[0]!, outputs[0]!)] }
}
