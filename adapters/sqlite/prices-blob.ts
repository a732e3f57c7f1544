import { createHash } from 'node:crypto'
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { fromPlanes, type PricePlanes, toPlanes } from '#core/forecast/journal/price-planes'
import { readOutput, toMatrix, type WrittenPrices } from '#core/forecast/journal/read-output'
import type { PathMatrix } from '#core/synth/scoring/crps'

export interface PricesBlob {
  readonly encoding: PricesEncoding
  readonly bytes: Uint8Array
  /** SHA-256 of the bytes, hex. */
  readonly hash: string
}

/**
 * `planes`: core/forecast/journal/price-planes.ts, deflated. `doubles`: for prices that span too many decades; none are
 * known.
 */
export type PricesEncoding = 'planes' | 'doubles'

const headBytes = 10
const planeHeadBytes = 5

/** Bit for bit the doubles that a reader of the served text gets. */
export function encodePrices(prices: WrittenPrices): PricesBlob {
  const packed = toPlanes(prices)
  if (packed === undefined) {
    const { values } = toMatrix(prices)
    const body = deflateRawSync(new Uint8Array(values.buffer), { level: 1 })
    return blobOf('doubles', [headOf(prices, 0, 0), body])
  }
  const planes = packed.planes.flatMap((plane) => {
    // Run lengths and Huffman codes only: there are no repeated strings to find, and this is three times as fast.
    const packedPlane = deflateRawSync(plane, { level: 1, strategy: constants.Z_RLE, chunkSize: plane.length + 1_024 })
    const isSmaller = packedPlane.length < plane.length * 0.98
    const body = isSmaller ? packedPlane : plane
    const head = Buffer.alloc(planeHeadBytes)
    head.writeUInt8(isSmaller ? 1 : 0, 0)
    head.writeUInt32LE(body.length, 1)
    return [head, body]
  })
  return blobOf('planes', [headOf(prices, packed.decimals, packed.planes.length), ...planes])
}

/** Throws a RangeError, or zlib's own error, on bytes that are not such a blob. */
export function decodePrices(
  encoding: PricesEncoding,
  blob: Uint8Array,
  join: (planes: PricePlanes) => PathMatrix = fromPlanes,
): PathMatrix {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.length)
  const decimals = bytes.readUInt8(0)
  const pathCount = bytes.readUInt32LE(1)
  const pointCount = bytes.readUInt32LE(5)
  const count = pathCount * pointCount
  if (encoding === 'doubles') {
    const body = inflateRawSync(bytes.subarray(headBytes), { maxOutputLength: Math.max(1, 8 * count) })
    if (body.length !== 8 * count) throw new RangeError(`${body.length} bytes for ${count} prices`)
    return { pathCount, pointCount, values: new Float64Array(new Uint8Array(body).buffer) }
  }
  const planes: Uint8Array[] = []
  for (let at = headBytes; at < bytes.length; ) {
    const isDeflated = bytes.readUInt8(at) === 1
    const end = at + planeHeadBytes + bytes.readUInt32LE(at + 1)
    const body = bytes.subarray(at + planeHeadBytes, end)
    // One chunk that holds all of it avoids copies while growing.
    planes.push(
      isDeflated ? inflateRawSync(body, { chunkSize: Math.max(64, count + 1), maxOutputLength: count }) : body,
    )
    at = end
  }
  if (planes.length !== bytes.readUInt8(9))
    throw new RangeError(`${planes.length} planes, and not as many as were stored`)
  return join({ pathCount, pointCount, decimals, planes })
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function headOf({ pathCount, pointCount }: WrittenPrices, decimals: number, planeCount: number): Buffer {
  const head = Buffer.alloc(headBytes)
  head.writeUInt8(decimals, 0)
  head.writeUInt32LE(pathCount, 1)
  head.writeUInt32LE(pointCount, 5)
  head.writeUInt8(planeCount, 9)
  return head
}

function blobOf(encoding: PricesEncoding, parts: readonly Uint8Array[]): PricesBlob {
  const bytes = Buffer.concat(parts)
  return { encoding, bytes, hash: sha256Of(bytes) }
}

/** What the journal's writer does with an output: it checks whether it is the one of the record, and compresses it. */
export function preparePrices(
  outputJson: Uint8Array,
  outputHash: string,
): { readonly ok: true; readonly prices: PricesBlob } | { readonly ok: false; readonly reason: string } {
  if (sha256Of(outputJson) !== outputHash) return { ok: false, reason: 'the output has another hash than its record' }
  const reading = readOutput(outputJson)
  return reading.ok
    ? { ok: true, prices: encodePrices(reading.prices) }
    : { ok: false, reason: `the output cannot be read: ${reading.detail}` }
}
