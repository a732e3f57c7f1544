import type { Registry } from '@polkadot/types/types'
import { isZeroSized, type ScaleField, type ScaleShape } from '#core/bittensor/chain/scale'

export type TypeLookup = Pick<Registry['lookup'], 'getSiType'>
type TypeId = Parameters<TypeLookup['getSiType']>[0]

/**
 * The shape of a type from the chain's metadata. Names of types do not matter, only their parts: names have changed
 * between runtimes while the bytes stayed the same. Wrappers of one field are removed.
 */
export function shapeOf(lookup: TypeLookup, type: TypeId, depth = 0): ScaleShape {
  const { def } = lookup.getSiType(type)
  // Types may contain themselves; nothing that a miner reads is this deep.
  if (depth > 12) return { kind: 'unknown', reason: 'a type that contains itself' }
  const inner = (id: TypeId): ScaleShape => shapeOf(lookup, id, depth + 1)
  if (def.isPrimitive) return primitiveShape(def.asPrimitive.type)
  if (def.isCompact) return compactShape(inner(def.asCompact.type))
  if (def.isSequence) return { kind: 'sequence', of: inner(def.asSequence.type) }
  if (def.isArray) return arrayShape(inner(def.asArray.type), def.asArray.len.toNumber())
  if (def.isTuple) return structShape(def.asTuple.map((id, i) => ({ name: String(i), of: inner(id) })))
  if (def.isComposite) {
    return structShape(
      def.asComposite.fields.map((field, i) => ({
        name: field.name.isSome ? field.name.unwrap().toString() : String(i),
        of: inner(field.type),
      })),
    )
  }
  if (def.isVariant) {
    const cases = def.asVariant.variants.map((variant) => ({
      index: variant.index.toNumber(),
      name: variant.name.toString(),
      of: structShape(variant.fields.map((field, i) => ({ name: String(i), of: inner(field.type) }))),
    }))
    const [none, some] = cases
    if (cases.length === 2 && none?.name === 'None' && some?.name === 'Some') return { kind: 'option', of: some.of }
    return { kind: 'variant', cases: cases.map(({ index, of }) => ({ index, of })) }
  }
  return { kind: 'unknown', reason: `a ${def.type}` }
}

function primitiveShape(name: string): ScaleShape {
  const number = /^([UI])(\d+)$/.exec(name)
  if (number !== null) return { kind: number[1] === 'U' ? 'uint' : 'int', byteCount: Number(number[2]) / 8 }
  if (name === 'Bool') return { kind: 'bool' }
  if (name === 'Str') return { kind: 'sequence', of: { kind: 'uint', byteCount: 1 } }
  return { kind: 'unknown', reason: name }
}

/** A compact of nothing takes no bytes. */
function compactShape(of: ScaleShape): ScaleShape {
  return of.kind === 'struct' && of.fields.length === 0 ? of : { kind: 'compact' }
}

function arrayShape(of: ScaleShape, count: number): ScaleShape {
  return of.kind === 'uint' && of.byteCount === 1 ? { kind: 'bytes', byteCount: count } : { kind: 'array', of, count }
}

function structShape(fields: readonly ScaleField[]): ScaleShape {
  return fields.length === 1 ? fields[0]!.of : { kind: 'struct', fields }
}

/** One line for a person, e.g. `u16`. */
export function describeShape(shape: ScaleShape): string {
  if (isZeroSized(shape)) return 'nothing'
  switch (shape.kind) {
    case 'uint':
      return `u${shape.byteCount * 8}`
    case 'int':
      return `i${shape.byteCount * 8}`
    case 'bytes':
      return `${shape.byteCount} bytes`
    default:
      return shape.kind
  }
}
