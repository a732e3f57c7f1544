/** The only file that knows the wire format of ONNX. */
import { create, toBinary } from '@bufbuild/protobuf'
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf'
import type { Attribute, Constant, ElementType, Graph, GraphNode } from './graph.ts'
import { lowerForDouble } from './lower-for-double.ts'
import { neededNodes, readsOf } from './reads.ts'

export const irVersion = 8
export const opsetVersion = 17

export interface EncodeOptions {
  /** Written beside the graph, for people and tools. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Double precision is for tests of gradients: some operators of the runtime exist in single precision only. */
  readonly precision?: 'single' | 'double'
}

/** The bytes of an ONNX file. The same graph always gives the same bytes. */
export function encodeModel(graph: Graph, { metadata = {}, precision = 'single' }: EncodeOptions = {}): Uint8Array {
  const writer = new GraphWriter(precision === 'single' ? DataType.FLOAT : DataType.DOUBLE)
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: BigInt(irVersion),
      opsetImport: [{ domain: '', version: BigInt(opsetVersion) }],
      producerName: 'volcast',
      graph: writer.graph(precision === 'single' ? graph : lowerForDouble(graph), 'model'),
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    }),
  )
}

type Names = (id: string) => string

class GraphWriter {
  readonly #floatType: DataType

  constructor(floatType: DataType) {
    this.#floatType = floatType
  }

  /** `outside` knows the names of the values of the graphs around. */
  graph(graph: Graph, name: string, outside: Names = (id) => id): GraphProto {
    const nodes = neededNodes(graph)
    const called = new Map(graph.outputs.map((output) => [output.value.id, output.name]))
    // An output that is an input, a constant, a value of the graph around, or a second name needs a node of its own.
    const made = new Set(nodes.flatMap(({ outputs }) => outputs.map(({ id }) => id)))
    const nameOf = (id: string) => (made.has(id) ? (called.get(id) ?? id) : outside(id))
    const copies = graph.outputs.filter((output) => nameOf(output.value.id) !== output.name)
    // A constant may also be read by a body.
    const read = new Set([...nodes.flatMap(readsOf), ...graph.outputs.map(({ value }) => value)].map(({ id }) => id))
    return create(GraphProtoSchema, {
      name,
      input: graph.inputs.map((value) => this.#fact(value.id, value)),
      output: graph.outputs.map((output) => this.#fact(output.name, output.value)),
      initializer: graph.constants.filter(({ value }) => read.has(value.id)).map((constant) => this.#tensor(constant)),
      node: [
        ...nodes.map((node) => this.#node(node, nameOf)),
        ...copies.map((output) =>
          create(NodeProtoSchema, { opType: 'Identity', input: [nameOf(output.value.id)], output: [output.name] }),
        ),
      ],
    })
  }

  #node({ operator, inputs, outputs, attributes, place }: GraphNode, nameOf: Names): NodeProto {
    return create(NodeProtoSchema, {
      opType: operator,
      name: '',
      docString: place,
      input: inputs.map(({ id }) => nameOf(id)),
      output: outputs.map(({ id }) => nameOf(id)),
      attribute: Object.entries(attributes).map(([name, attribute]) => this.#attribute(name, attribute, nameOf)),
    })
  }

  #attribute(name: string, attribute: Attribute, nameOf: Names): AttributeProto {
    switch (attribute.kind) {
      case 'int':
        return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(attribute.value) })
      case 'ints':
        return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: attribute.value.map(BigInt) })
      case 'float':
        return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: attribute.value })
      case 'text': {
        const s = new TextEncoder().encode(attribute.value)
        return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s })
      }
      case 'type': {
        const i = BigInt(this.#typeOf(attribute.value))
        return create(AttributeProtoSchema, { name, type: AttributeType.INT, i })
      }
      case 'graph':
        return create(AttributeProtoSchema, {
          name,
          type: AttributeType.GRAPH,
          g: this.graph(attribute.value, name, nameOf),
        })
    }
  }

  #tensor({ value, numbers }: Constant): TensorProto {
    return create(TensorProtoSchema, {
      name: value.id,
      dims: value.shape.map(BigInt),
      dataType: this.#typeOf(value.type),
      rawData: this.#bytes(value.type, numbers),
    })
  }

  /** Little-endian, as the format asks, on any machine. */
  #bytes(type: ElementType, numbers: Constant['numbers']): Uint8Array<ArrayBuffer> {
    const width = type === 'bool' ? 1 : type === 'float' && this.#floatType === DataType.FLOAT ? 4 : 8
    const view = new DataView(new ArrayBuffer(numbers.length * width))
    for (let i = 0; i < numbers.length; i += 1) {
      const number = numbers[i]!
      if (type === 'bool') view.setUint8(i, number)
      else if (type === 'int64') view.setBigInt64(i * 8, BigInt(number), true)
      else if (width === 4) view.setFloat32(i * 4, number, true)
      else view.setFloat64(i * 8, number, true)
    }
    return new Uint8Array(view.buffer)
  }

  #fact(
    name: string,
    { shape, type }: { readonly shape: readonly number[]; readonly type: ElementType },
  ): ValueInfoProto {
    return create(ValueInfoProtoSchema, {
      name,
      type: {
        value: {
          case: 'tensorType',
          value: {
            elemType: this.#typeOf(type),
            shape: { dim: shape.map((count) => ({ value: { case: 'dimValue' as const, value: BigInt(count) } })) },
          },
        },
      },
    })
  }

  #typeOf(type: ElementType): DataType {
    if (type === 'int64') return DataType.INT64
    return type === 'bool' ? DataType.BOOL : this.#floatType
  }
}
