import { TypeRegistry } from '@polkadot/types'
import { knownMetagraph, knownSelectiveMetagraph } from '#core/bittensor/chain/metagraph-layout'
import type { ScaleShape } from '#core/bittensor/chain/scale'
import { littleEndian } from './scale-bytes.ts'
import { TypeTable } from './type-table.ts'

// A metadata of our own with the pallets, calls and runtime interfaces that the chain client uses, and no others, so that
// a clone without the production metadata tests the client all the same. Facts that the bytes of the protocol depend on
// (the indexes of pallet and call, hashers, types of arguments, extensions) are those of the production runtime; the
// contract test of the mock node and the vectors of the protocol run on both and would show a difference.

export interface SmallMetadata {
  readonly format: 14 | 16
  readonly specVersion: number
}

const signedVersion = 4
const magic = Buffer.from('meta')

export function smallMetadata({ format, specVersion }: SmallMetadata): Buffer {
  const table = new TypeTable()
  const common = commonTypes(table)
  const pallets = palletsOf(table, common, specVersion)
  const extensions = extensionsOf(table, common)
  const outer = {
    callType: table.variant('node_subtensor_runtime::RuntimeCall', [
      { name: 'SubtensorModule', fields: pallets.subtensorCall, index: 7 },
    ]),
    eventType: common.event,
    errorType: table.variant('node_subtensor_runtime::RuntimeError', []),
  }
  const extrinsicTypes = {
    addressType: table.variant('sp_runtime::multiaddress::MultiAddress', [{ name: 'Id', fields: common.accountId }], {
      AccountId: common.accountId,
      AccountIndex: common.nothing,
    }),
    callType: outer.callType,
    signatureType: table.variant('sp_runtime::MultiSignature', [
      { name: 'Ed25519', fields: common.signature },
      { name: 'Sr25519', fields: common.signature },
    ]),
  }
  const extra = table.tuple(...extensions.map(({ type }) => type))
  const extrinsic = table.variant('sp_runtime::generic::unchecked_extrinsic::UncheckedExtrinsic', [], {
    Address: extrinsicTypes.addressType,
    Call: extrinsicTypes.callType,
    Signature: extrinsicTypes.signatureType,
    Extra: extra,
  })
  const apis = runtimeInterfaces(table, common)
  const shared = { lookup: { types: table.types }, pallets: pallets.all }
  const content =
    format === 14
      ? {
          ...shared,
          extrinsic: { type: extrinsic, version: signedVersion, signedExtensions: extensions },
          type: common.nothing,
        }
      : {
          ...shared,
          extrinsic: {
            versions: [signedVersion],
            ...extrinsicTypes,
            transactionExtensionsByVersion: new Map([[0, extensions.map((_, i) => i)]]),
            transactionExtensions: extensions,
          },
          apis,
          outerEnums: outer,
          custom: { map: new Map() },
        }
  const encoded = new TypeRegistry().createType(`MetadataV${format}`, content).toU8a()
  return Buffer.concat([magic, Buffer.from([format]), encoded])
}

function commonTypes(table: TypeTable) {
  const u8 = table.primitive('U8')
  const u32 = table.primitive('U32')
  const bytes32 = table.array(u8, 32)
  const hash = table.composite('primitive_types::H256', bytes32)
  const event = table.variant('node_subtensor_runtime::RuntimeEvent', [])
  const phase = table.variant('frame_system::Phase', [
    { name: 'ApplyExtrinsic', fields: u32 },
    { name: 'Finalization' },
    { name: 'Initialization' },
  ])
  return {
    u8,
    u16: table.primitive('U16'),
    u32,
    u64: table.primitive('U64'),
    u128: table.primitive('U128'),
    bool: table.primitive('Bool'),
    text: table.primitive('Str'),
    nothing: table.tuple(),
    bytes32,
    hash,
    accountId: table.composite('sp_core::crypto::AccountId32', bytes32),
    signature: table.array(u8, 64),
    event,
    events: table.sequence(
      table.composite(
        'frame_system::EventRecord',
        { phase, event, topics: table.sequence(hash) },
        { E: event, T: hash },
      ),
    ),
  }
}

type Common = ReturnType<typeof commonTypes>

function palletsOf(table: TypeTable, types: Common, specVersion: number) {
  const { u8, u16, u32, u64, u128, accountId } = types
  const axon = table.composite('pallet_subtensor::pallet::AxonInfo', {
    block: u64,
    version: u32,
    ip: u128,
    port: u16,
    ip_type: u8,
    protocol: u8,
    placeholder1: u8,
    placeholder2: u8,
  })
  const serve = {
    netuid: u16,
    version: u32,
    ip: u128,
    port: u16,
    ip_type: u8,
    protocol: u8,
    placeholder1: u8,
    placeholder2: u8,
  }
  const subtensorCall = table.variant('pallet_subtensor::pallet::Call', [
    { name: 'serve_axon', fields: serve, index: 4 },
  ])
  const byNetuid = (value: number, fallback: string, name: string) =>
    entry(name, { map: { hashers: ['Identity'], key: u16, value } }, fallback)
  const netuidAndHotkey = table.tuple(u16, accountId)
  const perHotkey = ['Identity', 'Blake2_128Concat']
  const version = table.composite('sp_version::RuntimeVersion', {
    spec_name: types.text,
    impl_name: types.text,
    authoring_version: u32,
    spec_version: u32,
    impl_version: u32,
    apis: table.sequence(table.tuple(table.array(u8, 8), u32)),
    transaction_version: u32,
    system_version: u8,
  })
  const all = [
    pallet('System', 0, {
      items: [entry('Events', { plain: types.events }, '0x00')],
      constants: [{ name: 'Version', type: version, value: versionBytes(specVersion), docs: [] }],
    }),
    pallet('Timestamp', 2, { items: [entry('Now', { plain: u64 }, `0x${'00'.repeat(8)}`)] }),
    pallet('SubtensorModule', 7, {
      calls: subtensorCall,
      items: [
        byNetuid(u64, '0x3200000000000000', 'ServingRateLimit'),
        byNetuid(u16, '0x0000', 'SubnetworkN'),
        byNetuid(table.sequence(types.bool), '0x00', 'ValidatorPermit'),
        entry('Uids', { map: { hashers: perHotkey, key: netuidAndHotkey, value: u16 } }),
        entry('Axons', { map: { hashers: perHotkey, key: netuidAndHotkey, value: axon } }),
        entry(
          'Keys',
          { map: { hashers: ['Identity', 'Identity'], key: table.tuple(u16, u16), value: accountId } },
          `0x${'00'.repeat(32)}`,
        ),
        entry(
          'IsNetworkMember',
          {
            map: { hashers: ['Blake2_128Concat', 'Identity'], key: table.tuple(accountId, u16), value: types.bool },
          },
          '0x00',
        ),
      ],
    }),
  ]
  return { all, subtensorCall }
}

/** A storage entry; without a fallback it is one that may be missing. */
function entry(name: string, type: object, fallback?: string): object {
  const modifier = fallback === undefined ? 'Optional' : 'Default'
  return { name, modifier, type, fallback: fallback ?? '0x00', docs: [], deprecationInfo: 'NotDeprecated' }
}

function pallet(
  name: string,
  index: number,
  parts: { items: readonly object[]; calls?: number; constants?: readonly object[] },
): object {
  return {
    name,
    storage: { prefix: name, items: parts.items },
    calls: parts.calls === undefined ? null : { type: parts.calls, deprecationInfo: new Map() },
    events: null,
    constants: (parts.constants ?? []).map((one) => ({ ...one, deprecationInfo: 'NotDeprecated' })),
    errors: null,
    associatedTypes: [],
    viewFunctions: [],
    index,
    docs: [],
    deprecationInfo: 'NotDeprecated',
  }
}

function versionBytes(specVersion: number): string {
  const text = Buffer.from('node-subtensor')
  const named = Buffer.concat([Buffer.from([text.length << 2]), text])
  const number = (value: number): Buffer => littleEndian(value, 4)
  const noApis = Buffer.from([0])
  const parts = [named, named, number(1), number(specVersion), number(1), noApis, number(1), Buffer.from([1])]
  return `0x${Buffer.concat(parts).toString('hex')}`
}

/** In the order in which a transaction writes them. */
function extensionsOf(table: TypeTable, { nothing, u8, u32, u64, hash, bytes32 }: Common) {
  const era = table.variant('sp_runtime::generic::era::Era', [
    { name: 'Immortal' },
    ...Array.from({ length: 255 }, (_, i) => ({ name: `Mortal${i + 1}`, fields: u8 })),
  ])
  const mode = table.variant('frame_metadata_hash_extension::Mode', [{ name: 'Disabled' }, { name: 'Enabled' }])
  const empty = (path: string): number => table.composite(path, {})
  const system = 'frame_system::extensions'
  const rows: readonly (readonly [identifier: string, type: number, implicit: number])[] = [
    ['CheckNonZeroSender', empty(`${system}::check_non_zero_sender::CheckNonZeroSender`), nothing],
    ['CheckSpecVersion', empty(`${system}::check_spec_version::CheckSpecVersion`), u32],
    ['CheckTxVersion', empty(`${system}::check_tx_version::CheckTxVersion`), u32],
    ['CheckGenesis', empty(`${system}::check_genesis::CheckGenesis`), hash],
    ['CheckMortality', table.composite('node_subtensor_runtime::check_mortality::CheckMortality', era), hash],
    ['CheckNonce', table.composite('node_subtensor_runtime::check_nonce::CheckNonce', table.compact(u32)), nothing],
    ['CheckWeight', empty(`${system}::check_weight::CheckWeight`), nothing],
    [
      'ChargeTransactionPayment',
      table.composite('pallet_transaction_payment::ChargeTransactionPayment', table.compact(u64)),
      nothing,
    ],
    ['SubtensorTransactionExtension', empty('pallet_subtensor::extensions::SubtensorTransactionExtension'), nothing],
    ['DrandPriority', empty('pallet_drand::drand_priority::DrandPriority'), nothing],
    [
      'CheckMetadataHash',
      table.composite('frame_metadata_hash_extension::CheckMetadataHash', { mode }),
      table.option(bytes32),
    ],
  ]
  return rows.map(([identifier, type, implicit]) => ({ identifier, type, implicit, additionalSigned: implicit }))
}

function runtimeInterfaces(table: TypeTable, types: Common): object[] {
  const method = (name: string, inputs: Readonly<Record<string, number>>, output: number): object => ({
    name,
    inputs: Object.entries(inputs).map(([input, type]) => ({ name: input, type })),
    output,
    docs: [],
    deprecationInfo: 'NotDeprecated',
  })
  const interfaceOf = (name: string, version: number, methods: readonly object[]): object => ({
    name,
    methods,
    docs: [],
    version,
    deprecationInfo: 'NotDeprecated',
  })
  const opaque = table.composite('sp_core::OpaqueMetadata', table.sequence(types.u8))
  const metagraph = (shape: ScaleShape): number => typeOf(table, types, shape)
  return [
    interfaceOf('Metadata', 2, [
      method('metadata_at_version', { version: types.u32 }, table.option(opaque)),
      method('metadata_versions', {}, table.sequence(types.u32)),
    ]),
    interfaceOf('AccountNonceApi', 1, [method('account_nonce', { account: types.accountId }, types.u32)]),
    interfaceOf('SubnetInfoRuntimeApi', 2, [
      method('get_metagraph', { netuid: types.u16 }, metagraph(knownMetagraph)),
      method(
        'get_selective_metagraph',
        { netuid: types.u16, metagraph_indexes: table.sequence(types.u16) },
        metagraph(knownSelectiveMetagraph),
      ),
    ]),
  ]
}

/** A type of this shape. A compact holds 64 bits; which number is in it shows in no byte. */
function typeOf(table: TypeTable, types: Common, shape: ScaleShape): number {
  const inner = (of: ScaleShape): number => typeOf(table, types, of)
  switch (shape.kind) {
    case 'uint':
    case 'int':
      return table.primitive(`${shape.kind === 'uint' ? 'U' : 'I'}${(shape.byteCount * 8) as 8 | 16 | 32 | 64 | 128}`)
    case 'compact':
      return table.compact(types.u64)
    case 'bool':
      return types.bool
    case 'bytes':
      return table.array(types.u8, shape.byteCount)
    case 'sequence':
      return table.sequence(inner(shape.of))
    case 'option':
      return table.option(inner(shape.of))
    case 'struct':
      return table.composite('', Object.fromEntries(shape.fields.map(({ name, of }) => [name, inner(of)])))
    default:
      throw new Error(`the metagraph has no ${shape.kind}`)
  }
}
