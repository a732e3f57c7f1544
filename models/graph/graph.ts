/**
 * A computation that ONNX can run, while it is being written down. Every value knows its shape, so a wrong one is found
 * where it is made and not where it runs. Shapes are fixed numbers: a graph is written once for training (a whole batch)
 * and once for serving (one window), by the same code.
 */
export type ElementType = 'float' | 'int64' | 'bool'

export interface Value {
  readonly id: string
  readonly shape: readonly number[]
  readonly type: ElementType
  /** The graph in which it is made. A body of a Scan may read the values of the graphs around it. */
  readonly graph: Graph
}

export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  /** Of a Cast; "float" means the precision of the whole graph. */
  | { readonly kind: 'type'; readonly value: ElementType }
  | { readonly kind: 'graph'; readonly value: Graph }

export interface GraphNode {
  readonly operator: string
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
  readonly attributes: Readonly<Record<string, Attribute>>
  /** The block or head that wrote it, for messages. */
  readonly place: string
}

/** Numbers that are part of the graph. */
export interface Constant {
  readonly value: Value
  readonly numbers: readonly number[] | Float64Array | Float32Array
}

export interface OutputFact {
  readonly shape: readonly number[]
  readonly type?: ElementType
}

export class Graph {
  /** The graph around this one, if it is the body of a Scan. */
  readonly parent: Graph | undefined
  readonly inputs: Value[] = []
  readonly constants: Constant[] = []
  readonly nodes: GraphNode[] = []
  readonly outputs: { readonly name: string; readonly value: Value }[] = []
  readonly #prefix: string
  readonly #numbers = new Map<string, Constant['numbers']>()
  readonly #makers = new Map<string, GraphNode>()
  /** What is written already, by all that it depends on: a gradient asks for many things twice. */
  readonly #written = new Map<string, readonly Value[]>()
  #lastNumber = 0
  #place: string[] = []

  constructor(parent?: Graph) {
    this.parent = parent
    this.#prefix = parent === undefined ? 'v' : parent.#newId('b')
  }

  input(name: string, shape: readonly number[], type: ElementType = 'float'): Value {
    if (this.inputs.some(({ id }) => id === name)) throw new Error(`the graph has an input ${name} already`)
    const value: Value = { id: name, shape, type, graph: this }
    this.inputs.push(value)
    return value
  }

  /** An input of a body, with a name of its own. */
  argument(shape: readonly number[], type: ElementType = 'float'): Value {
    return this.input(this.#newId('a'), shape, type)
  }

  /** An output of a body, with a name of its own. */
  result(value: Value): void {
    this.output(this.#newId('r'), value)
  }

  /** Numbers in row order; one number for a scalar. */
  constant(
    numbers: number | readonly number[] | Float64Array | Float32Array,
    shape: readonly number[] = typeof numbers === 'number' ? [] : [numbers.length],
    type: ElementType = 'float',
  ): Value {
    const list = typeof numbers === 'number' ? [numbers] : numbers
    if (list.length !== sizeOf(shape)) {
      throw new Error(`${list.length} numbers do not fill the shape ${showShape(shape)}`)
    }
    const key = list.length > longestKey ? undefined : `${type} ${showShape(shape)} ${Array.from(list, digits).join()}`
    const known = key === undefined ? undefined : this.#written.get(key)
    if (known !== undefined) return known[0]!
    const value: Value = { id: this.#newId('c'), shape, type, graph: this }
    this.constants.push({ value, numbers: list })
    this.#numbers.set(value.id, list)
    if (key !== undefined) this.#written.set(key, [value])
    return value
  }

  /** The numbers of a value that is a constant of this graph. */
  numbersOf(value: Value): Constant['numbers'] | undefined {
    return this.#numbers.get(value.id)
  }

  /** Adds a node, or finds the same one; the operators in this folder know the shapes of its outputs. */
  node(
    operator: string,
    inputs: readonly Value[],
    outputs: readonly OutputFact[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    const hasBody = Object.values(attributes).some(({ kind }) => kind === 'graph')
    const key = hasBody ? undefined : `${operator}(${inputs.map(({ id }) => id).join()}) ${JSON.stringify(attributes)}`
    const known = key === undefined ? undefined : this.#written.get(key)
    if (known !== undefined) return [...known]
    const values = outputs.map(
      ({ shape, type = 'float' }): Value => ({ id: this.#newId('n'), shape, type, graph: this }),
    )
    if (key !== undefined) this.#written.set(key, values)
    const node: GraphNode = { operator, inputs, outputs: values, attributes, place: this.place() }
    this.nodes.push(node)
    for (const { id } of values) this.#makers.set(id, node)
    return values
  }

  /** The node of this graph that makes a value; undefined for inputs and constants. */
  makerOf(value: Value): GraphNode | undefined {
    return this.#makers.get(value.id)
  }

  /** Gives a node more outputs: a gradient asks a loop that is written already for what its steps computed. */
  addOutputs(node: GraphNode, outputs: readonly OutputFact[], attributes: GraphNode['attributes']): Value[] {
    const place = this.nodes.findIndex((other) => other.outputs[0] === node.outputs[0])
    const known = this.nodes[place]!
    const values = outputs.map(
      ({ shape, type = 'float' }): Value => ({ id: this.#newId('n'), shape, type, graph: this }),
    )
    this.nodes[place] = {
      ...known,
      outputs: [...known.outputs, ...values],
      attributes: { ...known.attributes, ...attributes },
    }
    return values
  }

  output(name: string, value: Value): void {
    if (this.outputs.some((other) => other.name === name)) throw new Error(`the graph has an output ${name} already`)
    this.outputs.push({ name, value })
  }

  /** What is written within `write` belongs to this block or head. */
  within<T>(place: string, write: () => T): T {
    this.#place.push(place)
    try {
      return write()
    } finally {
      this.#place.pop()
    }
  }

  /** Where the writing is now, from the outside in: `blocks.1 lstmblock`. */
  place(): string {
    const here = this.#place.join(' › ')
    const around = this.parent?.place() ?? ''
    return around === '' || here === '' ? around + here : `${around} › ${here}`
  }

  #newId(kind: string): string {
    this.#lastNumber += 1
    return `${this.#prefix}${kind}${this.#lastNumber}`
  }
}

/** Axes, sizes and plain numbers are compared; tables are not. */
const longestKey = 8

function digits(number: number): string {
  return Object.is(number, -0) ? '-0' : String(number)
}

/** Shapes that cannot be combined, with the place and both shapes in the sentence. */
export class ShapeError extends Error {
  readonly place: string

  constructor(graph: Graph, sentence: string) {
    const place = graph.place()
    super(place === '' ? sentence : `${place}: ${sentence}`)
    this.name = 'ShapeError'
    this.place = place
  }
}

/** The graph that can read all of them: the innermost one. */
export function graphOf(values: readonly Value[]): Graph {
  let innermost: Graph | undefined
  for (const { graph } of values) if (innermost === undefined || depthOf(graph) > depthOf(innermost)) innermost = graph
  if (innermost === undefined) throw new Error('a node needs an input')
  return innermost
}

/** What an axis, a size or an exponent was written as. */
export function constantNumbers(value: Value): Constant['numbers'] {
  const numbers = value.graph.numbersOf(value)
  if (numbers === undefined) throw new Error(`${value.id} is not a constant`)
  return numbers
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, count) => size * count, 1)
}

export function showShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`
}

function depthOf(graph: Graph): number {
  return graph.parent === undefined ? 0 : depthOf(graph.parent) + 1
}
