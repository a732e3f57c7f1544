import { broadcastShape } from './broadcast.ts'
import { graphOf, type Value } from './graph.ts'

export const add = (a: Value, b: Value): Value => binary('Add', a, b)
export const subtract = (a: Value, b: Value): Value => binary('Sub', a, b)
export const multiply = (a: Value, b: Value): Value => binary('Mul', a, b)
export const divide = (a: Value, b: Value): Value => binary('Div', a, b)
export const maximum = (a: Value, b: Value): Value => binary('Max', a, b)
export const minimum = (a: Value, b: Value): Value => binary('Min', a, b)

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

function binary(operator: string, a: Value, b: Value): Value {
  const graph = graphOf([a, b])
  return graph.node(operator, [a, b], [{ shape: broadcastShape(graph, operator, a.shape, b.shape) }])[0]!
}

function unary(operator: string, x: Value): Value {
  return x.graph.node(operator, [x], [{ shape: x.shape }])[0]!
}
