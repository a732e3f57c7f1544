import { broadcastShape } from './broadcast.ts'
import { type ElementType, type Graph, graphOf, ShapeError, type Value } from './graph.ts'

export const add = (a: Value, b: Value): Value => binary('Add', a, b)
export const subtract = (a: Value, b: Value): Value => binary('Sub', a, b)
export const multiply = (a: Value, b: Value): Value => binary('Mul', a, b)
export const divide = (a: Value, b: Value): Value => binary('Div', a, b)
export const maximum = (a: Value, b: Value): Value => binary('Max', a, b)
export const minimum = (a: Value, b: Value): Value => binary('Min', a, b)

/** Comparisons give truth values, for `where`. */
export const greater = (a: Value, b: Value): Value => binary('Greater', a, b, 'bool')
export const greaterOrEqual = (a: Value, b: Value): Value => binary('GreaterOrEqual', a, b, 'bool')
export const less = (a: Value, b: Value): Value => binary('Less', a, b, 'bool')
export const lessOrEqual = (a: Value, b: Value): Value => binary('LessOrEqual', a, b, 'bool')
export const equal = (a: Value, b: Value): Value => binary('Equal', a, b, 'bool')
export const and = (a: Value, b: Value): Value => binary('And', a, b, 'bool')
export const or = (a: Value, b: Value): Value => binary('Or', a, b, 'bool')
export const not = (x: Value): Value => unary('Not', x)

export const negate = (x: Value): Value => unary('Neg', x)
export const exp = (x: Value): Value => unary('Exp', x)
export const log = (x: Value): Value => unary('Log', x)
export const sqrt = (x: Value): Value => unary('Sqrt', x)
export const reciprocal = (x: Value): Value => unary('Reciprocal', x)
export const absolute = (x: Value): Value => unary('Abs', x)
export const tanh = (x: Value): Value => unary('Tanh', x)
export const sigmoid = (x: Value): Value => unary('Sigmoid', x)
export const softplus = (x: Value): Value => unary('Softplus', x)
export const relu = (x: Value): Value => unary('Relu', x)
export const erf = (x: Value): Value => unary('Erf', x)
export const atan = (x: Value): Value => unary('Atan', x)
export const cos = (x: Value): Value => unary('Cos', x)
export const sin = (x: Value): Value => unary('Sin', x)
export const sign = (x: Value): Value => unary('Sign', x)

/** A plain number beside a value: `plus(x, 1)`. */
export const plus = (x: Value, number: number): Value => add(x, x.graph.constant(number))
export const times = (x: Value, number: number): Value => multiply(x, x.graph.constant(number))

/** With a fixed exponent. */
export const power = (x: Value, exponent: number): Value => binary('Pow', x, x.graph.constant(exponent))

/** Held between two fixed bounds; outside them the gradient is 0. */
export function clip(x: Value, least: number, most: number): Value {
  const bounds = [x.graph.constant(least), x.graph.constant(most)]
  return x.graph.node('Clip', [x, ...bounds], [{ shape: x.shape }])[0]!
}

/** `a` where the condition holds, else `b`. */
export function where(condition: Value, a: Value, b: Value): Value {
  const graph = graphOf([condition, a, b])
  if (condition.type !== 'bool') throw new ShapeError(graph, 'Where needs truth values as its condition')
  const shape = broadcastShape(graph, 'Where', condition.shape, broadcastShape(graph, 'Where', a.shape, b.shape))
  return graph.node('Where', [condition, a, b], [{ shape, type: sameType(graph, 'Where', a, b) }])[0]!
}

export function cast(x: Value, type: ElementType): Value {
  return x.graph.node('Cast', [x], [{ shape: x.shape, type }], { to: { kind: 'type', value: type } })[0]!
}

export const identity = (x: Value): Value => unary('Identity', x)

function binary(operator: string, a: Value, b: Value, type?: ElementType): Value {
  const graph = graphOf([a, b])
  const shape = broadcastShape(graph, operator, a.shape, b.shape)
  const own = sameType(graph, operator, a, b)
  return graph.node(operator, [a, b], [{ shape, type: type ?? own }])[0]!
}

function unary(operator: string, x: Value): Value {
  return x.graph.node(operator, [x], [{ shape: x.shape, type: x.type }])[0]!
}

function sameType(graph: Graph, operator: string, a: Value, b: Value): ElementType {
  if (a.type !== b.type) throw new ShapeError(graph, `${operator} cannot combine ${a.type} and ${b.type}`)
  return a.type
}
