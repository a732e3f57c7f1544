import { readFileSync } from 'node:fs'
import { expandMetadata, Metadata, TypeRegistry } from '@polkadot/types'
import { hasShared, sharedPath } from '#tests/support/shared-files'
import { compact } from './scale-bytes.ts'
import { smallMetadata } from './small-metadata.ts'

export type RuntimeName = '424-v16' | '393-v16' | '293-v14'
export type MetadataSource = 'production' | 'small'

/** Production metadata stands beside the project and not in it. */
export const metadataSources: readonly MetadataSource[] = hasShared ? ['production', 'small'] : ['small']

/** What a mock node says it runs: metadata, and nothing behind it. */
export interface MockRuntime {
  readonly metadata: Buffer
  readonly metadataVersion: number
  readonly specName: string
  readonly specVersion: number
  readonly transactionVersion: number
  /** Storage keys by the rules of this metadata. */
  readonly keyOf: (pallet: string, item: string, ...keys: readonly unknown[]) => string
}

const made = new Map<string, MockRuntime>()

/** A runtime of this version and format: with the production metadata where that is present, else with our small one. */
export function namedRuntime(name: RuntimeName, source: MetadataSource = metadataSources[0]!): MockRuntime {
  const key = `${source} ${name}`
  const runtime = made.get(key) ?? runtimeOf(source === 'small' ? smallOf(name) : productionOf(name))
  made.set(key, runtime)
  return runtime
}

const productionOf = (name: RuntimeName): Buffer => readFileSync(sharedPath('chain', `metadata-${name}.scale`))

function smallOf(name: RuntimeName): Buffer {
  return smallMetadata({ specVersion: Number(name.slice(0, 3)), format: name.endsWith('14') ? 14 : 16 })
}

export function runtimeOf(metadata: Buffer, over: { specVersion?: number } = {}): MockRuntime {
  const registry = new TypeRegistry()
  const decoded = new Metadata(registry, `0x${metadata.toString('hex')}`)
  registry.setMetadata(decoded, undefined, undefined, true)
  const { consts, query } = expandMetadata(registry, decoded)
  const version = consts['system']!['version']!.toJSON() as {
    specName: string
    specVersion: number
    transactionVersion: number
  }
  return {
    metadata,
    metadataVersion: decoded.version,
    specName: version.specName,
    specVersion: over.specVersion ?? version.specVersion,
    transactionVersion: version.transactionVersion,
    keyOf: (pallet, item, ...keys) => {
      const entry = query[pallet]![item]!
      const prefixed = entry(...keys)
      // The call gives the key with its own length in front.
      const bytes = Buffer.from(prefixed)
      const lengthBytes = 2 ** ((bytes[0] ?? 0) & 3)
      return `0x${bytes.subarray(lengthBytes).toString('hex')}`
    },
  }
}

/** The same metadata with another type in a transaction extension, as a later runtime might have it. */
export function withExtensionType(
  runtime: MockRuntime,
  extension: string,
  part: 'written' | 'signed',
  typeId: number,
): MockRuntime {
  const written = endOf(runtime.metadata, extension, 'last')
  const at = part === 'written' ? written : written + compactLength(runtime.metadata, written)
  return runtimeOf(replaced(runtime.metadata, at, compact(typeId)), { specVersion: runtime.specVersion + 1 })
}

/** The same metadata with an extension under another name. */
export function withRenamedExtension(runtime: MockRuntime, from: string, to: string): MockRuntime {
  const end = endOf(runtime.metadata, from, 'last')
  const start = end - lengthPrefixed(from).length
  const { metadata } = runtime
  return runtimeOf(Buffer.concat([metadata.subarray(0, start), lengthPrefixed(to), metadata.subarray(end)]))
}

/** The same metadata with fields under other names of the same length, in every struct that has them. */
export function withRenamedFields(runtime: MockRuntime, names: Readonly<Record<string, string>>): MockRuntime {
  const metadata = Buffer.from(runtime.metadata)
  for (const [from, to] of Object.entries(names)) {
    if (to.length !== from.length) throw new Error('the new name must have the length of the old one')
    const old = lengthPrefixed(from)
    for (let at = metadata.indexOf(old); at >= 0; at = metadata.indexOf(old)) lengthPrefixed(to).copy(metadata, at)
  }
  return runtimeOf(metadata, { specVersion: runtime.specVersion + 1 })
}

/** The same metadata with another type for one argument of serve_axon. */
export function withServeArgument(runtime: MockRuntime, argument: string, typeId: number): MockRuntime {
  const call = endOf(runtime.metadata, 'serve_axon', 'first')
  const at = endOf(runtime.metadata, argument, 'first', call)
  return runtimeOf(replaced(runtime.metadata, at, compact(typeId)), { specVersion: runtime.specVersion + 1 })
}

/** The id of a type, for the functions above. */
export function typeIdOf(runtime: MockRuntime, wanted: (def: { type: string; text: string }) => boolean): number {
  const registry = new TypeRegistry()
  const decoded = new Metadata(registry, `0x${runtime.metadata.toString('hex')}`)
  const found = decoded.asLatest.lookup.types.find(({ type }) => {
    return wanted({ type: type.def.type, text: JSON.stringify(type.def.toJSON()) })
  })
  if (found === undefined) throw new Error('the metadata has no such type')
  return found.id.toNumber()
}

function lengthPrefixed(text: string): Buffer {
  return Buffer.concat([compact(text.length), Buffer.from(text)])
}

function endOf(metadata: Buffer, text: string, which: 'first' | 'last', from = 0): number {
  const wanted = lengthPrefixed(text)
  const at = which === 'first' ? metadata.indexOf(wanted, from) : metadata.lastIndexOf(wanted)
  if (at < 0) throw new Error(`the metadata has no "${text}"`)
  return at + wanted.length
}

function compactLength(metadata: Buffer, at: number): number {
  return 2 ** (metadata[at]! & 3)
}

function replaced(metadata: Buffer, at: number, by: Buffer): Buffer {
  return Buffer.concat([metadata.subarray(0, at), by, metadata.subarray(at + compactLength(metadata, at))])
}
