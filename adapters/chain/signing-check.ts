import type { ApiPromise } from '@polkadot/api'
import { describeShape, shapeOf } from './type-shape.ts'

/**
 * The client library does not know this wrapper and would leave out its tip; every transaction would then be refused.
 * This tells it that the wrapper holds a compact tip, as the payment extension inside it does.
 */
export const extensionsByHand = {
  ChargeTransactionPaymentWrapper: { extrinsic: { tip: 'Compact<u64>' }, payload: {} },
}

/** Extensions whose bytes the client writes, in the transaction and in the signed payload. All others must be empty. */
const knownExtensions: Readonly<Record<string, readonly [written: string, signed: string]>> = {
  CheckNonZeroSender: ['nothing', 'nothing'],
  CheckSpecVersion: ['nothing', 'u32'],
  CheckTxVersion: ['nothing', 'u32'],
  CheckGenesis: ['nothing', '32 bytes'],
  CheckMortality: ['variant', '32 bytes'],
  CheckNonce: ['compact', 'nothing'],
  CheckWeight: ['nothing', 'nothing'],
  ChargeTransactionPayment: ['compact', 'nothing'],
  ChargeTransactionPaymentWrapper: ['compact', 'nothing'],
  CheckMetadataHash: ['variant', 'option'],
}

/** serve_axon as it has been since 2023. Compared by bytes, not by type names. */
const serveAxonArguments: readonly (readonly [name: string, type: string])[] = [
  ['netuid', 'u16'],
  ['version', 'u32'],
  ['ip', 'u128'],
  ['port', 'u16'],
  ['ip_type', 'u8'],
  ['protocol', 'u8'],
  ['placeholder1', 'u8'],
  ['placeholder2', 'u8'],
]

/** Why nothing may be signed for this runtime; undefined when everything is as we know it. */
export function whyNotSign(api: ApiPromise): string | undefined {
  return wrongExtension(api) ?? wrongCall(api)
}

function wrongExtension(api: ApiPromise): string | undefined {
  for (const extension of extensionsOf(api.runtimeMetadata)) {
    const name = extension.identifier.toString()
    const written = describeShape(shapeOf(api.registry.lookup, extension.type))
    const signed = describeShape(shapeOf(api.registry.lookup, extension.signed))
    const known = knownExtensions[name]
    const [expectedWritten, expectedSigned] = known ?? ['nothing', 'nothing']
    if (written === expectedWritten && signed === expectedSigned) continue
    return known === undefined
      ? `the transaction extension ${name} is unknown and not empty (it writes ${written} and signs ${signed})`
      : `the transaction extension ${name} writes ${written} and signs ${signed}, not ${known.join(' and ')}`
  }
  return undefined
}

/** When the library converts metadata 14 and 15 it loses the additional signed part, so the originals are read. */
function extensionsOf(metadata: ApiPromise['runtimeMetadata']) {
  if (metadata.version === 16) {
    return metadata.asV16.extrinsic.transactionExtensions.map(({ identifier, type, implicit }) => ({
      identifier,
      type,
      signed: implicit,
    }))
  }
  const { extrinsic } = metadata.version === 15 ? metadata.asV15 : metadata.asV14
  return extrinsic.signedExtensions.map(({ identifier, type, additionalSigned }) => ({
    identifier,
    type,
    signed: additionalSigned,
  }))
}

function wrongCall(api: ApiPromise): string | undefined {
  const call = api.tx['subtensorModule']?.['serveAxon']
  if (call === undefined) return 'the runtime has no serve_axon'
  const found = call.meta.fields.map(
    (field) => `${field.name.unwrapOr('').toString()}: ${describeShape(shapeOf(api.registry.lookup, field.type))}`,
  )
  const expected = serveAxonArguments.map(([name, type]) => `${name}: ${type}`)
  if (found.join() === expected.join()) return undefined
  return `serve_axon takes (${found.join(', ')}) where (${expected.join(', ')}) was expected`
}
