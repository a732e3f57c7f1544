import {
  and,
  cos,
  divide,
  exp,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  multiply,
  negate,
  plus,
  power,
  sigmoid,
  sign,
  sin,
  subtract,
  times,
  where,
} from '#models/graph/arithmetic'
import { constantNumbers, type Value } from '#models/graph/graph'
import { sumToShape } from '../fit-shape.ts'
import { type GradientRule, unaryRule } from '../rule.ts'

export const arithmeticRules: readonly GradientRule[] = [
  binaryRule('Add', { a: (up) => up, b: (up) => up }),
  binaryRule('Sub', { a: (up) => up, b: (up) => negate(up) }),
  binaryRule('Mul', { a: (up, _, b) => multiply(up, b), b: (up, a) => multiply(up, a) }),
  binaryRule('Div', {
    a: (up, _, b) => divide(up, b),
    b: (up, _, b, y) => negate(divide(multiply(up, y), b)),
  }),
  // Where both are equal, the second gets it.
  binaryRule('Max', {
    a: (up, a, b) => where(greater(a, b), up, zero(up)),
    b: (up, a, b) => where(greater(a, b), zero(up), up),
  }),
  binaryRule('Min', {
    a: (up, a, b) => where(less(a, b), up, zero(up)),
    b: (up, a, b) => where(less(a, b), zero(up), up),
  }),
  {
    operator: 'Pow',
    gradient: ({ inputs: [x, exponent] }, [up]) => {
      const fixed = constantNumbers(exponent!)[0]!
      return [multiply(up!, times(power(x!, fixed - 1), fixed))]
    },
  },
  unaryRule('Neg', (up) => negate(up)),
  unaryRule('Exp', (up, _, y) => multiply(up, y)),
  unaryRule('Log', (up, x) => divide(up, x)),
  unaryRule('Sqrt', (up, _, y) => divide(times(up, 0.5), y)),
  unaryRule('Reciprocal', (up, _, y) => negate(multiply(up, multiply(y, y)))),
  unaryRule('Abs', (up, x) => multiply(up, sign(x))),
  unaryRule('Tanh', (up, _, y) => multiply(up, oneMinus(multiply(y, y)))),
  unaryRule('Sigmoid', (up, _, y) => multiply(up, multiply(y, oneMinus(y)))),
  unaryRule('Softplus', (up, x) => multiply(up, sigmoid(x))),
  unaryRule('Relu', (up, x) => where(greater(x, zero(x)), up, zero(up))),
  // 2 / sqrt(pi) exp(-x^2), with the factor in the exponent: one pass over the numbers less.
  unaryRule('Erf', (up, x) =>
    multiply(up, exp(subtract(x.graph.constant(Math.log(2 / Math.sqrt(Math.PI))), multiply(x, x)))),
  ),
  unaryRule('Atan', (up, x) => divide(up, plus(multiply(x, x), 1))),
  unaryRule('Cos', (up, x) => negate(multiply(up, sin(x)))),
  unaryRule('Sin', (up, x) => multiply(up, cos(x))),
  {
    operator: 'Clip',
    gradient: ({ inputs: [x, least, most] }, [up]) => [
      where(and(greaterOrEqual(x!, least!), lessOrEqual(x!, most!)), up!, zero(up!)),
    ],
  },
  {
    operator: 'Where',
    gradient: ({ inputs: [condition, a, b] }, [up], needs) => [
      undefined,
      needs(1) ? sumToShape(where(condition!, up!, zero(up!)), a!.shape) : undefined,
      needs(2) ? sumToShape(where(condition!, zero(up!), up!), b!.shape) : undefined,
    ],
  },
  unaryRule('Identity', (up) => up),
  unaryRule('Cast', (up) => up),
]

interface Sides {
  a(up: Value, a: Value, b: Value, y: Value): Value
  b(up: Value, a: Value, b: Value, y: Value): Value
}

function binaryRule(operator: string, sides: Sides): GradientRule {
  return {
    operator,
    gradient: ({ inputs: [a, b], outputs: [y] }, [up], needs) => [
      needs(0) ? sumToShape(sides.a(up!, a!, b!, y!), a!.shape) : undefined,
      needs(1) ? sumToShape(sides.b(up!, a!, b!, y!), b!.shape) : undefined,
    ],
  }
}

function oneMinus(x: Value): Value {
  return subtract(x.graph.constant(1), x)
}

function zero(x: Value): Value {
  return x.graph.constant(0)
}
